package io.cema.cloud.messaging;

import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Duration;

/**
 * One message that waits to go down.
 *
 * @param late true: its time is over, and nobody wants it any more
 */
record OutboxRow(long id, OutgoingMqttMetadata metadata, byte[] payload, boolean late) {
    static final String PENDING = "select id, topic, payload, qos, retain, response_topic, correlation,"
            + " ceil(extract(epoch from expires_at - clock_timestamp()))::bigint as seconds_left"
            + " from outbox where published_at is null order by id limit $1";

    /** With what is left of its time now. */
    static OutboxRow of(Row row) {
        OutgoingMqttMetadata metadata =
                OutgoingMqttMetadata.of(row.getString("topic"), row.getInteger("qos"), row.getBoolean("retain"));
        Long left = row.getLong("seconds_left");
        boolean late = left != null && left <= 0;
        return new OutboxRow(
                row.getLong("id"),
                left == null || late
                        ? metadata
                        : metadata.withExpiry(Duration.ofSeconds(left))
                                .withAnswer(
                                        row.getString("response_topic"),
                                        row.getBuffer("correlation").getBytes()),
                row.get(Buffer.class, "payload").getBytes(),
                late);
    }
}
