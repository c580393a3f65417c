package io.cema.cloud.adaptation;

/** What the gate says of a candidate. */
public sealed interface Verdict {
    /** Why, for people. */
    String reason();

    /** Better than what is live, or as good. */
    record Publish(String reason, GateMetrics metrics) implements Verdict {}

    /** Worse by {@code cause}: recorded, not published. */
    record Refuse(Cause cause, String reason, GateMetrics metrics) implements Verdict {}

    /** Too few images to judge on: asked again when more have come. */
    record Wait(String reason) implements Verdict {}

    /** The closed set of reasons to refuse. */
    enum Cause {
        /** Less agreement with the adapted teacher. */
        AGREEMENT,
        /** Less agreement with the frozen source teacher: twin and teacher went astray together. */
        FROZEN_AGREEMENT,
        /** Less certain predictions. */
        ENTROPY,
        /** One class swallows the others. */
        COLLAPSE,
        /** Activations of a quantised model out of range. */
        SATURATION,
        /** Statistics of frames of few classes. */
        FEW_CLASSES,
        /** Statistics that no domain gives. */
        FAR_FROM_SOURCE,
        /** Answers that tell less of the frames than those now given. */
        LESS_INFORMATION,
        /** Not a number somewhere. */
        NOT_FINITE,
        /** Neither more agreement nor more certainty: not worth its bytes. */
        NO_GAIN;

        /** True if the twin itself is suspect, not just the candidate unneeded. */
        boolean harmful() {
            return this != NO_GAIN;
        }
    }
}
