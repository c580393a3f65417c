package io.cema.edge.serving;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * One prediction as applications see it.
 *
 * @param frame the number of the image within its source
 * @param predictedClass index of the class
 * @param entropy nats
 * @param confidence probability of the class
 * @param update version (ULID) of the update in use, empty for the base model
 * @param revision its revision, 0 for the base model
 * @param atMillis when, milliseconds since 1970
 * @param selected INFORMATIVE, RANDOM or STATISTICS if the image goes to the cloud, else "-"
 * @param latencyMillis from pixels to probabilities
 * @param source frames or requests
 * @param model name of the model
 * @param slot the cohort whose slot it is
 */
@JsonPropertyOrder({
    "frame",
    "class",
    "entropy",
    "confidence",
    "update",
    "revision",
    "at_ms",
    "selected",
    "latency_ms",
    "source",
    "model",
    "slot"
})
public record PredictionRecord(
        long frame,
        @JsonProperty("class") int predictedClass,
        double entropy,
        double confidence,
        String update,
        long revision,
        @JsonProperty("at_ms") long atMillis,
        String selected,
        @JsonProperty("latency_ms") double latencyMillis,
        String source,
        String model,
        String slot) {}
