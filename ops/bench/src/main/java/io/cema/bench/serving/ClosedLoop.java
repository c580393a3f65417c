package io.cema.bench.serving;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** So many callers, each of which asks again as soon as it has its answer. The first failure ends the run. */
final class ClosedLoop {
    private static final int DIGITS = 3;

    private final List<float[]> inputs;

    /** @param inputs each caller goes through them in turn, from another beginning */
    ClosedLoop(List<float[]> inputs) {
        this.inputs = inputs;
    }

    /** Opens a caller. */
    interface Door {
        Caller open() throws IOException;
    }

    /**
     * What came of it.
     *
     * @param micros time of each request as its caller saw it
     */
    record Outcome(long requests, double seconds, Histogram micros) {
        double perSecond() {
            return requests / seconds;
        }
    }

    Outcome run(Door door, int callers, double seconds) throws IOException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            long start = System.nanoTime();
            long end = start + (long) (seconds * 1e9);
            List<Future<Histogram>> running = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                int first = i * inputs.size() / callers;
                Callable<Histogram> work = () -> until(door, end, first);
                running.add(threads.submit(work));
            }
            Histogram all = new Histogram(DIGITS);
            for (Future<Histogram> one : running) {
                all.add(result(one));
            }
            return new Outcome(all.getTotalCount(), (System.nanoTime() - start) / 1e9, all);
        } finally {
            threads.shutdownNow();
            threads.awaitTermination(1, TimeUnit.MINUTES);
        }
    }

    private Histogram until(Door door, long end, int first) throws IOException {
        Histogram micros = new Histogram(DIGITS);
        try (Caller caller = door.open()) {
            for (int i = first; ; i++) {
                long asked = System.nanoTime();
                if (asked >= end) {
                    return micros;
                }
                caller.call(inputs.get(i % inputs.size()));
                micros.recordValue(Math.max(1, (System.nanoTime() - asked) / 1_000));
            }
        }
    }

    private static Histogram result(Future<Histogram> running) throws IOException, InterruptedException {
        try {
            return running.get();
        } catch (ExecutionException e) {
            throw new IOException("a request failed: " + e.getCause().getMessage(), e.getCause());
        }
    }
}
