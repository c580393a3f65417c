package io.cema.bench.serving;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Callers that ask at a set rate whether or not the answers keep up: latency counts from when a request was due, so that
 * a stall is seen by all the requests it delayed. A failure is counted and the load goes on. Any thread may read.
 */
final class PacedLoad implements AutoCloseable {
    private static final int DIGITS = 3;
    private static final int MOST_MESSAGES = 20;

    private final List<Thread> threads = new ArrayList<>();
    private final Recorder micros = new Recorder(DIGITS);
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final List<String> messages = new ArrayList<>();
    private volatile boolean stopping;

    /** @param perSecond over all callers */
    PacedLoad(ClosedLoop.Door door, List<float[]> inputs, int callers, double perSecond) throws IOException {
        long interval = (long) (1e9 * callers / perSecond);
        for (int i = 0; i < callers; i++) {
            Caller caller = door.open();
            int first = i * inputs.size() / callers;
            long offset = interval * i / callers;
            Thread thread = new Thread(() -> run(caller, inputs, first, interval, offset), "client-" + i);
            thread.setDaemon(true);
            threads.add(thread);
        }
    }

    void start() {
        threads.forEach(Thread::start);
    }

    long requests() {
        return requests.get();
    }

    long failures() {
        return failures.get();
    }

    /** What the first failures said. */
    List<String> messages() {
        synchronized (messages) {
            return List.copyOf(messages);
        }
    }

    /** Latencies since the last call, in microseconds. */
    Histogram latencies() {
        return micros.getIntervalHistogram();
    }

    private void run(Caller caller, List<float[]> inputs, int first, long interval, long offset) {
        try (caller) {
            long due = System.nanoTime() + offset;
            for (int i = first; !stopping; i++, due += interval) {
                long wait = due - System.nanoTime();
                if (wait > 0) {
                    Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
                }
                ask(caller, inputs.get(i % inputs.size()), due);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ask(Caller caller, float[] input, long due) {
        requests.incrementAndGet();
        try {
            caller.call(input);
            micros.recordValue(Math.max(1, (System.nanoTime() - due) / 1_000));
        } catch (IOException e) {
            failures.incrementAndGet();
            synchronized (messages) {
                if (messages.size() < MOST_MESSAGES) {
                    messages.add(String.valueOf(e.getMessage()));
                }
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
