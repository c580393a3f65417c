package io.cema.cloud.event;

import java.time.Instant;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What happened, as watchers get it. */
@Schema(description = "What happened, as watchers get it: the data of a server-sent event")
record LiveEvent(
        @Schema(description = "Where the stream goes on when it is asked for behind this event", example = "812.57")
                String id,
        @Schema(example = "rollout.promoted") String type,
        @Schema(description = "Path below /api/v1 of what it happened to", example = "devices/cam-1") String subject,
        @Schema(description = "What a page shows without asking again; depends on the type") Map<String, Object> data,
        Instant at) {}
