package io.cema.edge.inference;

import java.util.concurrent.atomic.LongAdder;

/** Counts the images that run through engines, whoever asks: the work that energy is spent on. Thread-safe. */
public final class InferenceCounter {
    private final LongAdder images = new LongAdder();

    /** Images run since the start; runs that failed are not in it. */
    public long images() {
        return images.sum();
    }

    /** The same engines, counted. */
    public EngineFactory counting(EngineFactory engines) {
        return new EngineFactory() {
            @Override
            public String engineName() {
                return engines.engineName();
            }

            @Override
            public InferenceEngine open(byte[] onnx) {
                return new Counted(engines.open(onnx));
            }

            /** Comparing graphs is no work of the camera. */
            @Override
            public EngineFactory forChecks() {
                return engines.forChecks();
            }

            @Override
            public void close() {
                engines.close();
            }
        };
    }

    private final class Counted implements InferenceEngine {
        private final InferenceEngine engine;

        Counted(InferenceEngine engine) {
            this.engine = engine;
        }

        @Override
        public String name() {
            return engine.name();
        }

        @Override
        public int inputLength() {
            return engine.inputLength();
        }

        @Override
        public int classes() {
            return engine.classes();
        }

        @Override
        public float[] logits(float[] batchInput, int n) {
            float[] logits = engine.logits(batchInput, n);
            images.add(n);
            return logits;
        }

        @Override
        public void close() {
            engine.close();
        }
    }
}
