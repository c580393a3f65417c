package io.cema.cloud.ingest;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** How much went. */
@Schema(description = "What was erased")
record Erased(
        @Schema(description = "Samples with their images and labels", example = "120") long samples,
        @Schema(description = "Parts of images that were not complete yet", example = "0") long parts,
        @Schema(description = "Messages that could not be processed", example = "1") long deadLetters,
        @Schema(description = "Reports of normalisation statistics", example = "0") long statisticsReports) {
    static final Erased NOTHING = new Erased(0, 0, 0, 0);

    Erased plus(Erased other) {
        return new Erased(
                samples + other.samples,
                parts + other.parts,
                deadLetters + other.deadLetters,
                statisticsReports + other.statisticsReports);
    }

    boolean nothing() {
        return equals(NOTHING);
    }
}
