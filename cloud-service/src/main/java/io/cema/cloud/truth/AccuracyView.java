package io.cema.cloud.truth;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** How right a version was, as persons saw it, beside what stands in for that where nobody looked. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "How right an update version was on uploads drawn at random")
record AccuracyView(
        String modelDigest,
        @Schema(description = "Update in use when they were taken; empty: the registered model") String version,
        @Schema(description = "Random uploads", example = "412") long uploads,
        @Schema(description = "Labelled ones among them", example = "120") long labelled,
        @Schema(description = "Of these, how many the device got right", example = "103") long correct,
        @Schema(description = "correct / labelled; absent without labels", example = "0.858") Optional<Double> accuracy,
        @Schema(description = "Lower end of the 95 % Wilson interval", example = "0.785") Optional<Double> low,
        @Schema(description = "Upper end", example = "0.910") Optional<Double> high,
        @Schema(description = "Of the predictions on all random uploads, nats: a proxy", example = "0.42")
                double meanEntropy,
        @Schema(
                        description =
                                "Share of the random uploads on which the device's prediction was the teacher's: a proxy; absent"
                                        + " where the teacher has seen none",
                        example = "0.91")
                Optional<Double> teacherAgreement) {
    static AccuracyView of(
            String modelDigest,
            String version,
            long uploads,
            long labelled,
            long correct,
            double meanEntropy,
            Optional<Double> teacherAgreement) {
        Optional<WilsonInterval> interval =
                labelled == 0 ? Optional.empty() : Optional.of(WilsonInterval.of(correct, labelled));
        return new AccuracyView(
                modelDigest,
                version,
                uploads,
                labelled,
                correct,
                interval.map(i -> (double) correct / labelled),
                interval.map(WilsonInterval::low),
                interval.map(WilsonInterval::high),
                meanEntropy,
                teacherAgreement);
    }
}
