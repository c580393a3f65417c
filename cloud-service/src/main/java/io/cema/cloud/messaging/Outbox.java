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
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The way down. A feature enqueues in the very transaction of the change the message tells of; what is committed is
 * published, in the order of enqueueing, at least once and across restarts; what is rolled back is not.
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

    /**
     * Signs {@code message} for {@code topic} and enqueues it in the connection's transaction.
     *
     * @param connection of {@link io.cema.cloud.persistence.TenantDatabase#inTransaction}, whose tenant the topic carries
     * @param retain true: the message also becomes the topic's newest state, given again to a broker that lost it
     */
    public Uni<Void> enqueue(SqlConnection connection, String topic, Message message, boolean retain) {
        byte[] payload = signed(topic, message);
        Uni<Void> queued = insert(connection, topic, payload, retain);
        return retain ? queued.chain(() -> keep(connection, topic, payload)) : queued;
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
        return insert(connection, topic, new byte[0], true).chain(() -> connection
                .preparedQuery("delete from retained_topic where topic = $1")
                .execute(Tuple.of(topic))
                .replaceWithVoid());
    }

    private byte[] signed(String topic, Message message) {
        return EnvelopeSealer.sign(topic, message, key.id(), key.privateKey(), System.currentTimeMillis())
                .toByteArray();
    }

    private Uni<Void> insert(SqlConnection connection, String topic, byte[] payload, boolean retain) {
        kickAfterCommit(connection);
        return connection
                .preparedQuery("insert into outbox (tenant, topic, payload, retain)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3)")
                .execute(Tuple.of(topic, Buffer.buffer(payload), retain))
                .replaceWithVoid();
    }

    private static Uni<Void> keep(SqlConnection connection, String topic, byte[] payload) {
        return connection
                .preparedQuery("insert into retained_topic (tenant, topic, payload)"
                        + " values (current_setting('cema.tenant'), $1, $2)"
                        + " on conflict (tenant, topic) do update set payload = excluded.payload, updated_at = now()")
                .execute(Tuple.of(topic, Buffer.buffer(payload)))
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
