package io.cema.edge.serving;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * One prediction as applications see it.
 *
 * @param frame the source's frame number
 * @param predictedClass index of the class
 * @param entropy nats
 * @param confidence probability of the class
 * @param update version (ULID) of the update in use, empty for the base model
 * @param revision its revision, 0 for the base model
 * @param atMillis when, milliseconds since 1970
 * @param selected INFORMATIVE, RANDOM or STATISTICS if the frame goes to the cloud, else "-"
 * @param latencyMillis from pixels to probabilities
 */
@JsonPropertyOrder({"frame", "class", "entropy", "confidence", "update", "revision", "at_ms", "selected", "latency_ms"})
public record PredictionRecord(
        long frame,
        @JsonProperty("class") int predictedClass,
        double entropy,
        double confidence,
        String update,
        long revision,
        @JsonProperty("at_ms") long atMillis,
        String selected,
        @JsonProperty("latency_ms") double latencyMillis) {}
