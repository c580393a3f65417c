package io.cema.cloud.fleet.command;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A command and what became of it. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@Schema(description = "A command and what became of it")
record DeviceCommand(
        @Schema(description = "ULID") String id,
        String device,
        @Schema(description = "Rises per device; a device obeys none at or below the last one it obeyed") long sequence,
        String name,
        Map<String, Object> arguments,
        @Schema(
                        description = "PENDING; ACCEPTED or REFUSED by the device; TIMED_OUT: it was there and did not"
                                + " answer; EXPIRED: it was not there in time. An answer that comes late still counts")
                CommandState state,
        @Schema(description = "The device's answer, or why there is none") String message,
        Instant createdAt,
        Instant expiresAt,
        Optional<Instant> endedAt) {
    static DeviceCommand of(Row row) {
        return new DeviceCommand(
                row.getString("id"),
                row.getString("device"),
                row.getLong("sequence"),
                row.getString("name"),
                row.getJsonObject("arguments").getMap(),
                CommandState.valueOf(row.getString("state")),
                row.getString("message"),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getOffsetDateTime("expires_at").toInstant(),
                Optional.ofNullable(row.getOffsetDateTime("ended_at")).map(OffsetDateTime::toInstant));
    }

    /** Rises with what becomes of it. */
    long version() {
        return state.ordinal() + 1L;
    }
}
