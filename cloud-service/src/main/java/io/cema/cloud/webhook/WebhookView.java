package io.cema.cloud.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A webhook as REST shows it: without its secret. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "A receiver of events, and how its deliveries stand")
record WebhookView(
        String id,
        @Schema(example = "https://hooks.example.com/cema") String url,
        @Schema(example = "[\"alarm.\"]") List<String> events,
        String description,
        Instant createdAt,
        @Schema(description = "Deliveries that wait") long pending,
        @Schema(description = "Deliveries given up, of those that are kept") long dead,
        @Schema(description = "When it last took one, of those that are kept") Optional<Instant> deliveredAt) {}
