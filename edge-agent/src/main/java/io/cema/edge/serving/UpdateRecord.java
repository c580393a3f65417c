package io.cema.edge.serving;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * What became of an update, as applications see it.
 *
 * @param event APPLIED, REJECTED, ROLLED_BACK or RECALLED
 * @param update version (ULID), empty where it could not be read
 * @param revision its revision, 0 where it could not be read
 * @param reason empty when applied
 * @param atFrame the next frame's number when it happened
 * @param atMillis when, milliseconds since 1970
 * @param bytes MQTT payload bytes of the update, 0 for a roll-back
 * @param swapMillis from arrival to being in force, 0 when refused
 * @param slot the cohort whose slot it is
 */
@JsonPropertyOrder({"event", "update", "revision", "reason", "at_frame", "at_ms", "bytes", "swap_ms", "slot"})
public record UpdateRecord(
        String event,
        String update,
        long revision,
        String reason,
        @JsonProperty("at_frame") long atFrame,
        @JsonProperty("at_ms") long atMillis,
        long bytes,
        @JsonProperty("swap_ms") double swapMillis,
        String slot) {}
