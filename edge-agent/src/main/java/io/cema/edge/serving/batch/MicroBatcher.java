package io.cema.edge.serving.batch;

import io.cema.edge.inference.InferenceException;
import io.cema.edge.serving.batch.BatchRefusedException.Cause;
import io.cema.edge.update.ActiveModel;
import io.cema.edge.update.ActiveModelHolder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jboss.logging.Logger;

/**
 * Runs requests on the engine, joining those that wait at the same time for the same model into one run. Every request
 * runs on the model it leased when it came, also when another is put in use meanwhile. Owns its threads, as many as runs
 * may overlap. A request for which nobody waits, of a model known to be quick, is run on the thread that brings it: handing
 * it over and back would wake two threads, which costs a quarter of a small model's run. Thread-safe; putting a request in
 * keeps its thread for {@link BatchSettings#inPlace} at most, as far as the model's last runs tell.
 */
public final class MicroBatcher implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(MicroBatcher.class);
    private static final long JOIN_MILLIS = 10_000;

    private final WaitingRoom room;
    private final long delayNanos;
    private final long inPlaceNanos;
    private final List<Thread> runners = new ArrayList<>();

    /** Starts its threads. */
    public MicroBatcher(BatchSettings settings) {
        room = new WaitingRoom(settings.concurrency(), settings.maxImages(), settings.maxWaiting());
        delayNanos = settings.maxImages() == 1 ? 0 : settings.maxDelay().toNanos();
        inPlaceNanos = delayNanos > 0 ? 0 : settings.inPlace().toNanos();
        for (int i = 0; i < settings.concurrency(); i++) {
            Thread runner = new Thread(this::run, "cema-serving-" + i);
            runner.setDaemon(true);
            runner.start();
            runners.add(runner);
        }
    }

    /**
     * Puts a request in.
     *
     * @param lease this batcher's from now on, whatever happens
     * @param input float32, NCHW, images * inputLength; not to be written to until the answer is there
     * @return the request's own logits, row by row, or an InferenceException, or a {@link BatchRefusedException} if the
     *     batcher is closed before the request has run
     * @throws BatchRefusedException if too many wait or the batcher is closed
     */
    public CompletionStage<float[]> submit(ActiveModelHolder.Lease lease, float[] input, int images) {
        Waiting request = new Waiting(lease, input, images, System.nanoTime() + delayNanos, new CompletableFuture<>());
        if (request.model().expectedNanos(images) <= inPlaceNanos && room.pass()) {
            try {
                runAlone(request);
            } finally {
                room.leave();
            }
            return request.answer();
        }
        try {
            room.enter(request);
        } catch (BatchRefusedException e) {
            lease.close();
            throw e;
        }
        return request.answer();
    }

    /** Requests that wait for an engine. */
    public int waiting() {
        return room.size();
    }

    /** Threads that wait for a request. */
    int idle() {
        return room.idle();
    }

    /** Ends after the runs in work on its own threads; who still waits is told so. */
    @Override
    public void close() {
        for (Waiting request : room.close()) {
            request.fail(new BatchRefusedException(Cause.CLOSED, "the agent is stopping"));
        }
        for (Thread runner : runners) {
            try {
                runner.join(JOIN_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void run() {
        try {
            List<Waiting> batch = room.next(false);
            while (!batch.isEmpty()) {
                run(batch);
                batch = room.next(true);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void run(List<Waiting> batch) {
        if (batch.size() == 1) {
            runAlone(batch.get(0));
            return;
        }
        ActiveModel model = batch.get(0).model();
        int images = batch.stream().mapToInt(Waiting::images).sum();
        float[] logits;
        try {
            logits = model.logits(joined(batch), images);
        } catch (InferenceException e) {
            // One of them may be to blame, or the model takes one image at a time: each gets a run of its own.
            LOG.debugf("a batch of %d requests failed and is run one by one: %s", batch.size(), e.getMessage());
            batch.forEach(MicroBatcher::runAlone);
            return;
        } catch (RuntimeException | Error e) {
            batch.forEach(r -> r.fail(e));
            return;
        }
        int classes = logits.length / images;
        int from = 0;
        for (Waiting request : batch) {
            int to = from + request.images() * classes;
            request.complete(Arrays.copyOfRange(logits, from, to));
            from = to;
        }
    }

    private static void runAlone(Waiting request) {
        float[] logits;
        try {
            logits = request.model().logits(request.input(), request.images());
        } catch (RuntimeException | Error e) {
            request.fail(e);
            return;
        }
        request.complete(logits);
    }

    private static float[] joined(List<Waiting> batch) {
        float[] input = new float[batch.stream().mapToInt(r -> r.input().length).sum()];
        int at = 0;
        for (Waiting request : batch) {
            System.arraycopy(request.input(), 0, input, at, request.input().length);
            at += request.input().length;
        }
        return input;
    }
}
