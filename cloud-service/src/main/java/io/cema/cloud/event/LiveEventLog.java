package io.cema.cloud.event;

import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads live events in their order. An event is settled, and shown, when every transaction with a smaller number than its
 * own has ended: then none can come to stand before it. A long transaction thus holds back the events of shorter ones
 * until it ends.
 */
@ApplicationScoped
class LiveEventLog {
    private static final String SETTLED = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    private static final String GIVEN_OUT = "pg_snapshot_xmax(pg_current_snapshot())::text::bigint";

    private final TenantDatabase database;

    /**
     * @param position of the last event read, or behind all that is settled
     * @param unsettled whether more is there already and will be shown soon
     */
    record Batch(List<LiveEvent> events, StreamPosition position, boolean unsettled) {}

    LiveEventLog(TenantDatabase database) {
        this.database = database;
    }

    /** Behind everything that is settled now. */
    Uni<StreamPosition> end(String tenant) {
        return database.inTransaction(tenant, connection -> connection
                .query("select " + SETTLED)
                .execute()
                .map(rows -> new StreamPosition(rows.iterator().next().getLong(0), 0)));
    }

    /** Whether every event behind {@code position} is still kept, and the position is one of this database. */
    Uni<Boolean> keeps(String tenant, StreamPosition position) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(
                        "select $1 >= coalesce((select before from live_event_pruned), 0) and $1 <= " + GIVEN_OUT)
                .execute(Tuple.of(position.transaction()))
                .map(rows -> rows.iterator().next().getBoolean(0)));
    }

    /** The next events behind {@code position}, at most {@code limit}. */
    Uni<Batch> after(String tenant, StreamPosition position, LiveEventFilter filter, int limit) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("select s.settled, e.* from (select " + SETTLED + " as settled) s left join lateral"
                        + " (select xact, id, type, subject, data, at from live_event where (xact, id) > ($1, $2)"
                        + " and ($3::text is null or starts_with(type, $3))"
                        + " and ($4::text is null or starts_with(subject, $4))"
                        + " order by xact, id limit $5) e on true order by e.xact, e.id")
                .execute(Tuple.of(
                        position.transaction(),
                        position.id(),
                        filter.type().orElse(null),
                        filter.subject().orElse(null),
                        limit))
                .map(rows -> batch(rows, position, limit)));
    }

    /**
     * Removes what is older than {@code age}, always a beginning of the order, and notes up to where.
     *
     * @return how many were removed
     */
    Uni<Integer> prune(String tenant, Duration age) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("delete from live_event where xact < least(" + SETTLED + ", coalesce((select min(xact)"
                        + " from live_event where at >= now() - $1 * interval '1 second'), " + SETTLED
                        + ")) returning xact")
                .execute(Tuple.of((double) age.toSeconds()))
                .chain(gone -> {
                    long last = 0;
                    for (Row row : gone) {
                        last = Math.max(last, row.getLong(0));
                    }
                    return gone.size() == 0
                            ? Uni.createFrom().item(0)
                            : connection
                                    .preparedQuery("insert into live_event_pruned (tenant, before)"
                                            + " values (current_setting('cema.tenant'), $1) on conflict (tenant) do update"
                                            + " set before = greatest(live_event_pruned.before, excluded.before)")
                                    .execute(Tuple.of(last + 1))
                                    .replaceWith(gone.size());
                }));
    }

    private static Batch batch(RowSet<Row> rows, StreamPosition before, int limit) {
        List<LiveEvent> events = new ArrayList<>();
        StreamPosition settled = before;
        StreamPosition last = before;
        int found = 0;
        for (Row row : rows) {
            long settledBelow = row.getLong("settled");
            settled = new StreamPosition(settledBelow, 0);
            Long transaction = row.getLong("xact");
            if (transaction == null) {
                break; // nothing was found, and this line only tells what is settled
            }
            found++;
            if (transaction < settledBelow) {
                last = new StreamPosition(transaction, row.getLong("id"));
                events.add(event(last, row));
            }
        }
        boolean more = found == limit && events.size() == limit;
        return new Batch(events, more ? last : before.latest(last).latest(settled), found > events.size());
    }

    private static LiveEvent event(StreamPosition position, Row row) {
        return new LiveEvent(
                position.toString(),
                row.getString("type"),
                row.getString("subject"),
                row.getJsonObject("data").getMap(),
                row.getOffsetDateTime("at").toInstant());
    }
}
