package io.cema.cloud.persistence;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Function;

/**
 * Transactions bound to one tenant. Row-level security compares every row with the transaction's setting
 * {@code cema.tenant}; a statement outside of {@link #inTransaction} sees no row at all.
 *
 * <p>May be called from any thread. The work runs on a Vert.x event loop and must not block.
 */
@ApplicationScoped
public class TenantDatabase {
    private final Pool pool;
    private final SchemaMigration migration;

    TenantDatabase(Pool pool, SchemaMigration migration) {
        this.pool = pool;
        this.migration = migration;
    }

    /**
     * Runs {@code work} in one transaction: committed when its Uni completes, rolled back when it fails.
     *
     * @return the work's result, after the commit; fails with {@link DatabaseNotReadyException} before the schema stands
     */
    public <T> Uni<T> inTransaction(String tenant, Function<SqlConnection, Uni<T>> work) {
        return Uni.createFrom().deferred(() -> {
            if (!migration.done()) {
                return Uni.createFrom().failure(new DatabaseNotReadyException(migration.state()));
            }
            return pool.withTransaction(connection -> bound(connection, tenant, work));
        });
    }

    /**
     * {@link #inTransaction} for what every process looks after now and then: of those that come to it at the same time one
     * works, and the others do nothing.
     *
     * @param task names what is done
     */
    public Uni<Void> inTransactionOfOne(String tenant, String task, Function<SqlConnection, Uni<Void>> work) {
        return inTransaction(tenant, connection -> connection
                .preparedQuery("select pg_try_advisory_xact_lock(hashtext($1), hashtext($2))")
                .execute(Tuple.of(task, tenant))
                .chain(rows -> rows.iterator().next().getBoolean(0)
                        ? work.apply(connection)
                        : Uni.createFrom().voidItem()));
    }

    /** The work's first statement does not wait for the answer to this one: a connection runs them in their order. */
    private static <T> Uni<T> bound(SqlConnection connection, String tenant, Function<SqlConnection, Uni<T>> work) {
        Uni<RowSet<Row>> setting = connection
                .preparedQuery("select set_config('cema.tenant', $1, true)")
                .execute(Tuple.of(tenant));
        return Uni.combine()
                .all()
                .unis(setting, Uni.createFrom().deferred(() -> work.apply(connection)))
                .with((set, result) -> result);
    }
}
