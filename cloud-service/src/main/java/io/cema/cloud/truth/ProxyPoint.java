package io.cema.cloud.truth;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What a cohort's uploads of one step of time say without labels. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "What a cohort's uploads of one step of time say without labels")
record ProxyPoint(
        @Schema(description = "Beginning of the step") Instant at,
        long uploads,
        @Schema(description = "Of them, those drawn at random: they stand for all a device sees") long randomUploads,
        @Schema(description = "Encoded bytes of all uploads") long bytes,
        @Schema(description = "Mean of the predictions on all uploads, nats") double entropy,
        @Schema(description = "The same of those drawn at random; absent without any") Optional<Double> randomEntropy,
        @Schema(
                        description =
                                "Share of all uploads that the teacher has seen on which the device agreed with it; absent where"
                                        + " it has seen none. Devices choose hard ones, so this is lower than what they are like")
                Optional<Double> agreement,
        @Schema(description = "The same of those drawn at random") Optional<Double> randomAgreement) {}
