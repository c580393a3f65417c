package io.cema.demo;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * One row of the demo's table. Accuracies and shares are fractions, over the same images.
 *
 * @param images in the phase, over all agents
 * @param predicted how many of them the agents answered
 * @param updatesApplied updates swapped in, summed over the agents
 * @param updatesRefused updates the agents refused or rolled back, summed, plus candidates the cloud's gate refused
 * @param recoverySeconds from the first image of the phase until accuracy had won back nine tenths of what adaptation
 *     gains in this phase; null if the view is clear or nothing was gained
 * @param accuracyWithEnd accuracy with adaptation over the last third of the phase
 * @param seconds how long the phase was on the agents' screens
 * @param latencyMsMedian median time of one prediction
 */
@JsonPropertyOrder({
    "name",
    "severity",
    "images",
    "predicted",
    "accuracy_without",
    "accuracy_with",
    "accuracy_with_end",
    "uploaded_images",
    "uploaded_share",
    "bytes_up",
    "bytes_down",
    "updates_applied",
    "updates_refused",
    "updates_refused_by_gate",
    "recovery_seconds",
    "seconds",
    "latency_ms_median"
})
@JsonInclude(JsonInclude.Include.ALWAYS)
record PhaseResult(
        String name,
        int severity,
        int images,
        int predicted,
        @JsonProperty("accuracy_without") double accuracyWithout,
        @JsonProperty("accuracy_with") double accuracyWith,
        @JsonProperty("accuracy_with_end") double accuracyWithEnd,
        @JsonProperty("uploaded_images") long uploadedImages,
        @JsonProperty("uploaded_share") double uploadedShare,
        @JsonProperty("bytes_up") long bytesUp,
        @JsonProperty("bytes_down") long bytesDown,
        @JsonProperty("updates_applied") int updatesApplied,
        @JsonProperty("updates_refused") int updatesRefused,
        @JsonProperty("updates_refused_by_gate") int updatesRefusedByGate,
        @JsonProperty("recovery_seconds") Double recoverySeconds,
        @JsonProperty("seconds") double seconds,
        @JsonProperty("latency_ms_median") double latencyMsMedian) {
    /** Whether this phase shows what the demo is to show. A clear phase need not. */
    @JsonIgnore
    boolean good() {
        return predicted == images && (severity == 0 || accuracyWith > accuracyWithout);
    }
}
