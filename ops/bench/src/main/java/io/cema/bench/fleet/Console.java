package io.cema.bench.fleet;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.Supplier;

/** Lines that tell how a run goes, each with the seconds since its start. One thread. */
final class Console {
    private static final long POLL_MILLIS = 100;
    private static final long TELL_NANOS = 5_000_000_000L;

    private final PrintStream out;
    private final long began = System.nanoTime();

    Console(PrintStream out) {
        this.out = out;
    }

    /** Whether something is so. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws Exception;
    }

    void say(String text) {
        out.printf(Locale.ROOT, "%7.1f s  %s%n", (System.nanoTime() - began) / 1e9, text);
    }

    /**
     * Waits, and tells every few seconds how far it is.
     *
     * @param pollMillis between two looks
     * @return seconds until it held, negative if it did not within the time
     */
    double await(String what, double longestSeconds, long pollMillis, Condition condition, Supplier<String> far)
            throws Exception {
        long start = System.nanoTime();
        long told = start;
        while (!condition.holds()) {
            long now = System.nanoTime();
            if (now - start > longestSeconds * 1e9) {
                say(what + ": not within " + longestSeconds + " s: " + far.get());
                return -1;
            }
            if (now - told > TELL_NANOS) {
                told = now;
                say(what + ": " + far.get());
            }
            Thread.sleep(pollMillis);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    double await(String what, double longestSeconds, Condition condition, Supplier<String> far) throws Exception {
        return await(what, longestSeconds, POLL_MILLIS, condition, far);
    }
}
