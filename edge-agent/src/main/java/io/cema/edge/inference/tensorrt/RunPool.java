package io.cema.edge.inference.tensorrt;

import io.cema.edge.inference.InferenceException;
import io.cema.trt.Engine;
import io.cema.trt.InferenceRun;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;

/**
 * Runs of one engine for its batch sizes: powers of two and the largest, so that a batch wastes less than half of its run.
 * At most so many at a time as there are workers; who comes later waits. Thread-safe.
 */
final class RunPool implements AutoCloseable {
    private final Engine engine;
    private final Semaphore workers;
    private final Map<Integer, Deque<InferenceRun>> idle = new TreeMap<>();
    private final List<InferenceRun> all = new ArrayList<>();

    RunPool(Engine engine, int workers) {
        this.engine = engine;
        this.workers = new Semaphore(workers, true);
    }

    /** The smallest run that takes n images. */
    static int fitting(int n, int maxBatch) {
        int size = Integer.highestOneBit(n);
        return Math.min(maxBatch, size == n ? n : 2 * size);
    }

    /** To be given back. */
    InferenceRun take(int n) {
        try {
            workers.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InferenceException("interrupted while waiting for the GPU", e);
        }
        try {
            return idleOrNew(fitting(n, engine.maxBatch()));
        } catch (RuntimeException e) {
            workers.release();
            throw e;
        }
    }

    private synchronized InferenceRun idleOrNew(int size) {
        Deque<InferenceRun> waiting = idle.computeIfAbsent(size, s -> new ArrayDeque<>());
        if (!waiting.isEmpty()) {
            return waiting.pop();
        }
        InferenceRun fresh = engine.newRun(size);
        all.add(fresh);
        return fresh;
    }

    void giveBack(InferenceRun run) {
        synchronized (this) {
            idle.get(run.batch()).push(run);
        }
        workers.release();
    }

    /** After the last run was given back. */
    @Override
    public synchronized void close() {
        all.forEach(InferenceRun::close);
        all.clear();
        idle.clear();
    }
}
