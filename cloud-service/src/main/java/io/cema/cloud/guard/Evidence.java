package io.cema.cloud.guard;

import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Why a device was set apart: numbers an operator can check against its images. */
@Schema(description = "How the device's uploads differ from those of the cohort's other devices")
record Evidence(
        String modelDigest,
        @Schema(description = "Uploads from here on were compared") Instant from,
        Instant until,
        @Schema(description = "Devices compared, this one included", example = "12") int devices,
        @Schema(description = "Uploads of this device among them", example = "400") long images,
        @Schema(
                        description =
                                "How many times as far from the others it is as the median device is, in the less odd"
                                        + " half of its uploads",
                        example = "9.3")
                double score,
        @Schema(description = "From which score on a device is set apart", example = "4.9") double threshold,
        List<Difference> differences) {
    /**
     * One trait.
     *
     * @param trait a {@link Trait}, or CLASSES: total variation distance of the predicted classes
     * @param difference in units of what is nothing special
     */
    record Difference(String trait, double device, double others, double difference) {}
}
