package io.cema.cloud.rollout.model;

/**
 * What a rollout's model is worth beside the one before.
 *
 * @param verdict UNDECIDED for whatever is missing or unknown
 * @param text for people, with the numbers
 */
record ModelHealth(Verdict verdict, String text) {
    /** Of a sequential test with stated error rates. */
    enum Verdict {
        NOT_WORSE,
        WORSE,
        UNDECIDED
    }

    static ModelHealth undecided(String text) {
        return new ModelHealth(Verdict.UNDECIDED, text);
    }
}
