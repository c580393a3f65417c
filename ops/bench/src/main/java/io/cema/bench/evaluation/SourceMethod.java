package io.cema.bench.evaluation;

import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.protocol.image.Image;
import java.util.List;

/** The registered edge model, never adapted. */
final class SourceMethod implements Method {
    private final Subject subject;
    private final InferenceEngine engine;
    private long nanos;

    SourceMethod(Subject subject) {
        this.subject = subject;
        this.engine = new OnnxRuntimeEngineFactory(subject.threads())
                .open(subject.edge().onnx());
    }

    @Override
    public int[] predict(List<Image> images) {
        long started = System.nanoTime();
        int[] classes = Subject.classes(subject.predict(engine, images));
        nanos += System.nanoTime() - started;
        return classes;
    }

    @Override
    public Tally tally() {
        return Tally.onEdge(nanos);
    }

    @Override
    public void close() {
        engine.close();
    }
}
