package io.cema.cloud.event;

import io.cema.cloud.persistence.TenantDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The audit log. A change is entered before it is made and its outcome after, so that none goes unseen; where the change
 * is one transaction of a feature, {@link #record} enters both in it. The database refuses to alter or remove entries.
 */
@ApplicationScoped
public class AuditLog {
    private static final int LONGEST = 500;

    private final TenantDatabase database;

    AuditLog(TenantDatabase database) {
        this.database = database;
    }

    /** Enters what is done in the caller's transaction: both are committed or neither. */
    public Uni<Void> record(SqlConnection connection, Actor actor, String operation, String resource, int status) {
        return insert(connection, actor, operation, resource)
                .chain(entry -> outcome(connection, entry, status, Optional.empty()));
    }

    /** Enters what was refused. */
    public Uni<Void> refused(String tenant, Actor actor, String operation, String resource, int status) {
        return database.inTransaction(tenant, c -> record(c, actor, operation, resource, status));
    }

    /** Enters what is about to be done; if that fails, it must not be done. Returns the entry's number. */
    Uni<Long> begin(String tenant, Actor actor, String operation, String resource) {
        return database.inTransaction(tenant, connection -> insert(connection, actor, operation, resource));
    }

    /** Enters what came of it. */
    Uni<Void> end(String tenant, long entry, int status, Optional<String> created) {
        return database.inTransaction(tenant, connection -> outcome(connection, entry, status, created));
    }

    /** Those with a number below {@code before}, newest first. */
    Uni<List<AuditEntry>> list(String tenant, AuditQuery query, long before, int limit) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("select e.id, e.at, e.who, e.address, e.operation, e.resource, o.status, o.created"
                        + " from audit_entry e left join audit_outcome o on o.tenant = e.tenant and o.entry = e.id"
                        + " where ($1::text is null or e.who = $1) and ($2::text is null or e.operation = $2)"
                        + " and ($3::text is null or starts_with(e.resource, $3))"
                        + " and ($4::timestamptz is null or e.at >= $4) and ($5::timestamptz is null or e.at < $5)"
                        + " and e.id < $6 order by e.id desc limit $7")
                .execute(Tuple.tuple()
                        .addValue(query.who().orElse(null))
                        .addValue(query.operation().orElse(null))
                        .addValue(query.resource().orElse(null))
                        .addValue(AuditQuery.utc(query.since()))
                        .addValue(AuditQuery.utc(query.until()))
                        .addValue(before)
                        .addValue(limit))
                .map(rows -> {
                    List<AuditEntry> entries = new ArrayList<>();
                    rows.forEach(row -> entries.add(entry(row)));
                    return entries;
                }));
    }

    private static Uni<Long> insert(SqlConnection connection, Actor actor, String operation, String resource) {
        return connection
                .preparedQuery("insert into audit_entry (tenant, who, address, operation, resource)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3, $4) returning id")
                .execute(Tuple.of(shortened(actor.who()), actor.address(), operation, shortened(resource)))
                .map(rows -> rows.iterator().next().getLong(0));
    }

    private static Uni<Void> outcome(SqlConnection connection, long entry, int status, Optional<String> created) {
        return connection
                .preparedQuery("insert into audit_outcome (tenant, entry, status, created)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3)")
                .execute(
                        Tuple.of(entry, status, created.map(AuditLog::shortened).orElse(null)))
                .replaceWithVoid();
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST);
    }

    private static AuditEntry entry(Row row) {
        Optional<Integer> status = Optional.ofNullable(row.getInteger("status"));
        return new AuditEntry(
                row.getLong("id"),
                row.getOffsetDateTime("at").toInstant(),
                row.getString("who"),
                row.getString("address"),
                row.getString("operation"),
                row.getString("resource"),
                AuditEntry.Outcome.of(status),
                status,
                Optional.ofNullable(row.getString("created")));
    }
}
