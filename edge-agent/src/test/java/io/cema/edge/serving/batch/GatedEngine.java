package io.cema.edge.serving.batch;

import io.cema.edge.TestModels;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.InferenceException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** An engine that holds every run until it is opened; its logits tell which input they are of. */
final class GatedEngine implements InferenceEngine {
    static final float POISON = -1f;
    private static final int LENGTH = 3 * TestModels.SIZE * TestModels.SIZE;

    private final CountDownLatch gate = new CountDownLatch(1);
    private final List<Integer> runs = new CopyOnWriteArrayList<>();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger mostInside = new AtomicInteger();
    private volatile boolean closed;

    static float[] input(float value, int images) {
        float[] input = new float[images * LENGTH];
        Arrays.fill(input, value);
        return input;
    }

    /** Of one image of this value. */
    static float[] logits(float value) {
        float[] logits = new float[TestModels.CLASSES];
        Arrays.fill(logits, 10 * value);
        return logits;
    }

    void open() {
        gate.countDown();
    }

    /** Images of each run so far, the one in work included. */
    List<Integer> runs() {
        return runs;
    }

    /** That ran it so far. */
    Set<Thread> threads() {
        return threads;
    }

    int overlapping() {
        return mostInside.get();
    }

    boolean closed() {
        return closed;
    }

    @Override
    public String name() {
        return "gated";
    }

    @Override
    public int inputLength() {
        return LENGTH;
    }

    @Override
    public int classes() {
        return TestModels.CLASSES;
    }

    @Override
    public float[] logits(float[] batchInput, int n) {
        threads.add(Thread.currentThread());
        runs.add(n);
        mostInside.accumulateAndGet(inside.incrementAndGet(), Math::max);
        try {
            gate.await();
            if (closed) {
                throw new IllegalStateException("run after close");
            }
            float[] logits = new float[n * TestModels.CLASSES];
            for (int i = 0; i < n; i++) {
                if (batchInput[i * LENGTH] == POISON) {
                    throw new InferenceException("poisoned");
                }
                Arrays.fill(logits, i * TestModels.CLASSES, (i + 1) * TestModels.CLASSES, 10 * batchInput[i * LENGTH]);
            }
            return logits;
        } catch (InterruptedException e) {
            throw new InferenceException("interrupted", e);
        } finally {
            inside.decrementAndGet();
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
