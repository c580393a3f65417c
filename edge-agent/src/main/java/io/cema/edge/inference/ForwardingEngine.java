package io.cema.edge.inference;

/** An engine that leaves everything to another, whose owner it is. For subclasses that do something besides. */
public abstract class ForwardingEngine implements InferenceEngine {
    private final InferenceEngine engine;

    protected ForwardingEngine(InferenceEngine engine) {
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
        return engine.logits(batchInput, n);
    }

    @Override
    public void close() {
        engine.close();
    }
}
