package io.cema.cloud.adaptation.torch;

/**
 * A stretch of uploads that were of one domain.
 *
 * @param from ordinal of its first upload
 * @param to ordinal of the first upload after it; {@link Long#MAX_VALUE} while it lasts
 */
public record Visit(long from, long to) {
    /** Lasts since this upload. */
    public static Visit since(long ordinal) {
        return new Visit(ordinal, Long.MAX_VALUE);
    }

    public boolean holds(long ordinal) {
        return ordinal >= from && ordinal < to;
    }

    Visit endedAt(long ordinal) {
        return new Visit(from, Math.max(from, ordinal));
    }
}
