package io.cema.cloud.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A delivery as REST shows it. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "An event on its way to a webhook")
record DeliveryView(
        @Schema(description = "The receiver sees it as webhook-id, the same one in each attempt") String id,
        long ordinal,
        @Schema(example = "alarm.raised") String eventType,
        Map<String, Object> payload,
        State state,
        int attempts,
        Instant createdAt,
        @Schema(description = "Of the next attempt, while it waits") Optional<Instant> nextAt,
        Optional<Instant> endedAt,
        @Schema(description = "HTTP status of the last answer", example = "204") Optional<Integer> status,
        @Schema(description = "Why the last attempt failed") Optional<String> problem) {
    /** Where it stands. */
    @Schema(name = "DeliveryState")
    enum State {
        PENDING,
        DELIVERED,
        /** Given up. */
        DEAD
    }
}
