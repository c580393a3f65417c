package io.cema.cloud.messaging;

import io.cema.cloud.persistence.DatabaseNotReadyException;
import io.cema.cloud.persistence.OneByOne;
import io.cema.cloud.persistence.TenantDatabase;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.jboss.logging.Logger;

/**
 * Drains the outbox: one thread per process, one process at a time by an advisory lock held through the drain, which the
 * database takes from a process that stands still in it. A row is
 * marked published only after the broker's acknowledgement, so a crash publishes it again, never not at all. After
 * each connect the retained state is published again, for a broker that lost its memory.
 */
@ApplicationScoped
class OutboxPublisher {
    private static final Logger LOG = Logger.getLogger(OutboxPublisher.class);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration PUBLISH_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LONGEST_DRAIN = Duration.ofMinutes(2);
    private static final int BATCH = 256;
    /** Topics whose messages are on their way to the broker at a time. */
    private static final int IN_FLIGHT = 32;

    private static final String KEEP_PUBLISHED = "1 hour";

    private final TenantDatabase database;
    private final MutinyEmitter<byte[]> downlink;
    private final String tenant;
    private final String clientId;
    private final Semaphore kicks = new Semaphore(0);
    private final AtomicBoolean reconcile = new AtomicBoolean();
    private volatile boolean stopped;
    private Thread thread;
    private String lastProblem = "";

    OutboxPublisher(
            TenantDatabase database,
            @Channel("downlink") MutinyEmitter<byte[]> downlink,
            @ConfigProperty(name = "cema.tenant") String tenant,
            @ConfigProperty(name = "mp.messaging.outgoing.downlink.client-id", defaultValue = "") String clientId) {
        this.database = database;
        this.downlink = downlink;
        this.tenant = tenant;
        this.clientId = clientId;
    }

    /** Something was committed. Any thread, returns at once. */
    void kick() {
        if (kicks.availablePermits() == 0) {
            kicks.release();
        }
    }

    void start(@Observes StartupEvent event) {
        thread = new Thread(this::run, "cema-outbox");
        thread.setDaemon(true);
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) {
        stopped = true;
        thread.interrupt();
    }

    void connected(@Observes BrokerConnected event) {
        if (event.clientId().equals(clientId)) {
            reconcile.set(true);
            kick();
        }
    }

    private void run() {
        while (!stopped) {
            try {
                kicks.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS);
                kicks.drainPermits();
                Drained drained = drain();
                while (drained.more()) {
                    drained = drain();
                }
                report(drained.problem());
            } catch (InterruptedException e) {
                return;
            } catch (DatabaseNotReadyException e) {
                report("waits for the database");
            } catch (RuntimeException e) {
                report(String.valueOf(e.getMessage()));
            }
        }
    }

    /** Says a problem once, not every second. */
    private void report(String problem) {
        if (!stopped && !problem.equals(lastProblem)) {
            LOG.info(problem.isEmpty() ? "outbox publishes again" : "outbox waits: " + problem);
            lastProblem = problem;
        }
    }

    private Drained drain() {
        boolean all = reconcile.getAndSet(false);
        try {
            return database.inTransaction(tenant, connection -> locked(connection, all))
                    .await()
                    .atMost(LONGEST_DRAIN);
        } catch (RuntimeException e) {
            if (all) {
                reconcile.set(true);
            }
            throw e;
        }
    }

    private Uni<Drained> locked(SqlConnection connection, boolean all) {
        return connection
                .preparedQuery("select pg_try_advisory_xact_lock(hashtext('cema.outbox'), hashtext($1)),"
                        + " set_config('idle_in_transaction_session_timeout', $2, true)")
                .execute(Tuple.of(
                        tenant, Long.toString(LONGEST_DRAIN.plusSeconds(10).toMillis())))
                .chain(rows -> {
                    if (!rows.iterator().next().getBoolean(0)) {
                        return Uni.createFrom().item(new Drained(false, ""));
                    }
                    Uni<Void> state =
                            all ? publishState(connection) : Uni.createFrom().voidItem();
                    return state.chain(() -> publishPending(connection));
                });
    }

    private Uni<Void> publishState(SqlConnection connection) {
        return connection
                .query("select topic, payload from retained_topic order by topic")
                .execute()
                .chain(rows -> Multi.createFrom()
                        .iterable(rows)
                        .onItem()
                        .transformToUni(
                                row -> publish(OutgoingMqttMetadata.of(row.getString("topic"), 1, true), payload(row)))
                        .merge(IN_FLIGHT)
                        .collect()
                        .last()
                        .invoke(() -> LOG.infof("retained state published again: %d topics", rows.size())))
                .replaceWithVoid();
    }

    /**
     * Publishes until the first failure, each topic's messages in their order, topics side by side; what the broker has is
     * marked even then.
     */
    private Uni<Drained> publishPending(SqlConnection connection) {
        return connection
                .preparedQuery(OutboxRow.PENDING)
                .execute(Tuple.of(BATCH))
                .chain(rows -> {
                    List<Long> published = Collections.synchronizedList(new ArrayList<>());
                    return publishByTopic(rows, published).onItemOrFailure().transformToUni((done, failure) -> mark(
                                    connection, published)
                            .replaceWith(new Drained(
                                    failure == null && published.size() == BATCH,
                                    failure == null ? "" : String.valueOf(failure.getMessage()))));
                });
    }

    private Uni<Void> publishByTopic(RowSet<Row> rows, List<Long> published) {
        Map<String, List<OutboxRow>> topics = new LinkedHashMap<>();
        for (Row row : rows) {
            OutboxRow waiting = OutboxRow.of(row);
            topics.computeIfAbsent(waiting.metadata().topic(), topic -> new ArrayList<>())
                    .add(waiting);
        }
        return Multi.createFrom()
                .iterable(topics.values())
                .onItem()
                .transformToUni(waiting -> publishInOrder(waiting, published))
                .merge(IN_FLIGHT)
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Void> publishInOrder(List<OutboxRow> rows, List<Long> published) {
        return OneByOne.each(
                rows, row -> (row.late() ? Uni.createFrom().voidItem() : publish(row.metadata(), row.payload()))
                        .invoke(() -> published.add(row.id())));
    }

    private Uni<Void> mark(SqlConnection connection, List<Long> published) {
        if (published.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return connection
                .preparedQuery("update outbox set published_at = now() where id = any($1)")
                .execute(Tuple.of(published.toArray(Long[]::new)))
                .chain(() -> connection
                        .query("delete from outbox where published_at < now() - interval '" + KEEP_PUBLISHED + "'")
                        .execute())
                .replaceWithVoid();
    }

    private Uni<Void> publish(OutgoingMqttMetadata metadata, byte[] payload) {
        return downlink.sendMessage(Message.of(payload, Metadata.of(metadata)))
                .ifNoItem()
                .after(PUBLISH_TIMEOUT)
                .fail();
    }

    /**
     * @param more true if the batch was full and went out whole
     * @param problem what stopped it, or empty
     */
    private record Drained(boolean more, String problem) {}

    private static byte[] payload(Row row) {
        return row.get(Buffer.class, "payload").getBytes();
    }
}
