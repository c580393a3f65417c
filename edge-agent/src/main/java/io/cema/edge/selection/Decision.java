package io.cema.edge.selection;

/** What the selection says of one frame. */
public sealed interface Decision {
    /** Worth uploading. */
    record Upload(UploadCause cause, double weight) implements Decision {}

    /** Not worth it. */
    record Skip(SkipReason reason) implements Decision {}

    /** Why a frame goes up. */
    enum UploadCause {
        /** Passed every filter. */
        INFORMATIVE,
        /** Drawn at random, past the filters, for unbiased judgement. */
        RANDOM,
        /** Unfiltered, thinned out as the domain grows old: for normalisation statistics, and to learn from. */
        STATISTICS
    }

    /** The first filter that a frame did not pass. */
    enum SkipReason {
        /** Entropy at or above E_max(t): a guess, nothing to learn from. */
        UNRELIABLE,
        /** Entropy at or below E_min: the model knows it already. */
        UNINFORMATIVE,
        /** Its probabilities are close to those of recently kept images. */
        REDUNDANT,
        /** Its pixels are close to those of the last kept frame. */
        NEAR_DUPLICATE,
        /** Worth learning from, but the domain is old and enough of it has gone up. */
        THINNED_OUT
    }
}
