package io.cema.edge.serving.batch;

import io.cema.edge.update.ActiveModel;
import io.cema.edge.update.ActiveModelHolder;
import java.util.concurrent.CompletableFuture;

/**
 * A request that waits, and the lease it will run on. Completed once, from one thread.
 *
 * @param input float32, NCHW, images * inputLength
 * @param deadlineNanos when it has waited for others long enough, on {@link System#nanoTime}'s clock
 */
record Waiting(
        ActiveModelHolder.Lease lease,
        float[] input,
        int images,
        long deadlineNanos,
        CompletableFuture<float[]> answer) {
    ActiveModel model() {
        return lease.model();
    }

    /** Lets go of the model before whoever waits hears of it. */
    void complete(float[] logits) {
        lease.close();
        answer.complete(logits);
    }

    void fail(Throwable reason) {
        lease.close();
        answer.completeExceptionally(reason);
    }
}
