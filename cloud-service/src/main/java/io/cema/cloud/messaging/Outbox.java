package io.cema.cloud.messaging;

import com.google.protobuf.Message;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.SigningKey;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The way down. A feature enqueues in the very transaction of the change the message tells of; what is committed is
 * published at least once and across restarts, the messages of a topic in the order of enqueueing; what is rolled back is
 * not.
 *
 * <p>Two transactions that enqueue for the same topic must exclude each other (by locking the row the message is about),
 * or the older message could be published last.
 */
@ApplicationScoped
public class Outbox {
    private static final Logger LOG = Logger.getLogger(Outbox.class);

    private final SigningKey key;
    private final OutboxPublisher publisher;

    Outbox(SigningKey key, OutboxPublisher publisher) {
        this.key = key;
        this.publisher = publisher;
    }

    /** A message and its topic. */
    public record Outgoing(String topic, Message message) {}

    /** {@link #enqueue(SqlConnection, List, boolean)} of one message. */
    public Uni<Void> enqueue(SqlConnection connection, String topic, Message message, boolean retain) {
        return enqueue(connection, List.of(new Outgoing(topic, message)), retain);
    }

    /**
     * Signs each message for its topic and enqueues them in the connection's transaction, in their order.
     *
     * @param connection of {@link io.cema.cloud.persistence.TenantDatabase#inTransaction}, whose tenant the topics carry
     * @param messages of distinct topics
     * @param retain true: each message also becomes its topic's newest state, given again to a broker that lost it
     */
    public Uni<Void> enqueue(SqlConnection connection, List<Outgoing> messages, boolean retain) {
        String[] topics = messages.stream().map(Outgoing::topic).toArray(String[]::new);
        Buffer[] payloads = messages.stream()
                .map(m -> Buffer.buffer(signed(m.topic(), m.message())))
                .toArray(Buffer[]::new);
        Uni<Void> queued = insert(connection, topics, payloads, retain);
        return retain ? queued.chain(() -> keep(connection, topics, payloads)) : queued;
    }

    /**
     * Signs {@code message} and enqueues it, not retained, with the way of its answer. It leaves with what is then left of
     * its time, and not at all after it.
     */
    public Uni<Void> ask(SqlConnection connection, String topic, Message message, OutboxQuestion question) {
        kickAfterCommit(connection);
        return connection
                .preparedQuery("insert into outbox (tenant, topic, payload, retain, expires_at, response_topic,"
                        + " correlation) values (current_setting('cema.tenant'), $1, $2, false, $3, $4, $5)")
                .execute(Tuple.of(
                        topic,
                        Buffer.buffer(signed(topic, message)),
                        OffsetDateTime.ofInstant(question.expiresAt(), ZoneOffset.UTC),
                        question.responseTopic(),
                        Buffer.buffer(question.correlation())))
                .replaceWithVoid();
    }

    /** Enqueues a topic's newest retained message once more, byte for byte; nothing if there is none. */
    public Uni<Void> repeat(SqlConnection connection, String topic) {
        kickAfterCommit(connection);
        return connection
                .preparedQuery("insert into outbox (tenant, topic, payload, retain)"
                        + " select tenant, topic, payload, true from retained_topic where topic = $1")
                .execute(Tuple.of(topic))
                .replaceWithVoid();
    }

    /** A topic's newest retained message, signed as it goes down; empty if there is none. */
    public Uni<Optional<byte[]>> retained(SqlConnection connection, String topic) {
        return connection
                .preparedQuery("select payload from retained_topic where topic = $1")
                .execute(Tuple.of(topic))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(
                                rows.iterator().next().getBuffer("payload").getBytes()));
    }

    /** Enqueues the removal of a topic's retained message, and forgets it as state. */
    public Uni<Void> clear(SqlConnection connection, String topic) {
        return insert(connection, new String[] {topic}, new Buffer[] {Buffer.buffer()}, true)
                .chain(() -> connection
                        .preparedQuery("delete from retained_topic where topic = $1")
                        .execute(Tuple.of(topic))
                        .replaceWithVoid());
    }

    private byte[] signed(String topic, Message message) {
        return EnvelopeSealer.sign(topic, message, key.id(), key.privateKey(), System.currentTimeMillis())
                .toByteArray();
    }

    private Uni<Void> insert(SqlConnection connection, String[] topics, Buffer[] payloads, boolean retain) {
        kickAfterCommit(connection);
        return connection
                .preparedQuery("insert into outbox (tenant, topic, payload, retain)"
                        + " select current_setting('cema.tenant'), topic, payload, $3"
                        + " from unnest($1::text[], $2::bytea[]) with ordinality as message (topic, payload, place)"
                        + " order by place")
                .execute(Tuple.of(topics, payloads, retain))
                .replaceWithVoid();
    }

    private static Uni<Void> keep(SqlConnection connection, String[] topics, Buffer[] payloads) {
        return connection
                .preparedQuery("insert into retained_topic (tenant, topic, payload)"
                        + " select current_setting('cema.tenant'), topic, payload"
                        + " from unnest($1::text[], $2::bytea[]) as message (topic, payload)"
                        + " on conflict (tenant, topic) do update set payload = excluded.payload, updated_at = now()")
                .execute(Tuple.of(topics, payloads))
                .replaceWithVoid();
    }

    private void kickAfterCommit(SqlConnection connection) {
        connection
                .transaction()
                .completion()
                .subscribe()
                .with(done -> publisher.kick(), e -> LOG.debugf("not published, rolled back: %s", e.getMessage()));
    }
}
