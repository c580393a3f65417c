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

    private final class Counted extends ForwardingEngine {
        Counted(InferenceEngine engine) {
            super(engine);
        }

        @Override
        public float[] logits(float[] batchInput, int n) {
            float[] logits = super.logits(batchInput, n);
            images.add(n);
            return logits;
        }
    }
}
