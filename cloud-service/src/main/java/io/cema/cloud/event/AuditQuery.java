package io.cema.cloud.event;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * Which entries are asked for.
 *
 * @param resource the beginning of a path
 * @param since inclusive
 * @param until exclusive
 */
record AuditQuery(
        Optional<String> who,
        Optional<String> operation,
        Optional<String> resource,
        Optional<Instant> since,
        Optional<Instant> until) {
    static OffsetDateTime utc(Optional<Instant> time) {
        return time.map(t -> OffsetDateTime.ofInstant(t, ZoneOffset.UTC)).orElse(null);
    }
}
