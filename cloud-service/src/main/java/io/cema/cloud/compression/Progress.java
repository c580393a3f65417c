package io.cema.cloud.compression;

/**
 * How far a compression is.
 *
 * @param stage what is being done, e.g. "sparse"
 * @param done share of the whole job, 0 to 1
 * @param detail for people
 */
public record Progress(String stage, double done, String detail) {
    /** Hears of progress, and may end the job by throwing {@link java.util.concurrent.CancellationException}. */
    @FunctionalInterface
    public interface Listener {
        void heard(Progress progress);
    }
}
