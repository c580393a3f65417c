package io.cema.edge.inference.tensorrt;

import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.InferenceException;
import io.cema.trt.InferenceRun;
import io.cema.trt.TensorRtException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A refitted engine in service. Thread-safe. When closed it goes back to the factory, to be refitted for another update. */
final class TensorRtEngine implements InferenceEngine {
    private final String name;
    private final LoadedPlan plan;
    private final Consumer<LoadedPlan> retire;
    private final AtomicBoolean closed = new AtomicBoolean();

    TensorRtEngine(String name, LoadedPlan plan, Consumer<LoadedPlan> retire) {
        this.name = name;
        this.plan = plan;
        this.retire = retire;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int inputLength() {
        return plan.engine().inputLength();
    }

    @Override
    public int classes() {
        return plan.engine().outputLength();
    }

    @Override
    public float[] logits(float[] batchInput, int n) {
        if (closed.get()) {
            throw new IllegalStateException("this engine is closed");
        }
        if (n < 1 || batchInput.length != (long) n * inputLength()) {
            throw new InferenceException(
                    "a batch of " + n + " needs " + (long) n * inputLength() + " floats, has " + batchInput.length);
        }
        float[] logits = new float[n * classes()];
        int most = plan.engine().maxBatch();
        for (int done = 0; done < n; done += most) {
            run(batchInput, logits, done, Math.min(most, n - done));
        }
        return logits;
    }

    /** Rows {@code first} to {@code first + count}. What a run has room for beyond them is computed and not looked at. */
    private void run(float[] inputs, float[] logits, int first, int count) {
        InferenceRun run = plan.runs().take(count);
        try {
            run.input().put(0, inputs, first * inputLength(), count * inputLength());
            run.run();
            run.output().get(0, logits, first * classes(), count * classes());
        } catch (TensorRtException e) {
            throw new InferenceException("TensorRT failed on a batch of " + count + ": " + e.getMessage(), e);
        } finally {
            plan.runs().giveBack(run);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            retire.accept(plan);
        }
    }
}
