package io.cema.cloud.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.cloud.StackResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.pgclient.PgException;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Row-level security, on the real database and with the service's own role. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class TenantDatabaseTest {
    @Inject
    TenantDatabase database;

    @Inject
    SchemaMigration migration;

    @Inject
    Pool pool;

    @BeforeEach
    void letterOfTenantA() {
        Awaitility.await().atMost(Duration.ofSeconds(90)).until(migration::done);
        run("tenant-a", c -> c.query("insert into dead_letter (tenant, topic, reason) values ('tenant-a', 't', 'r')")
                .execute()
                .replaceWithVoid());
    }

    @Test
    void ownTenant_seesItsRows() {
        assertThat(run("tenant-a", TenantDatabaseTest::count)).isPositive();
    }

    @Test
    void otherTenant_seesNothing() {
        assertThat(run("tenant-b", TenantDatabaseTest::count)).isZero();
    }

    @Test
    void noTenant_seesNothing() {
        assertThat(pool.withConnection(TenantDatabaseTest::count).await().atMost(Duration.ofSeconds(20)))
                .isZero();
    }

    @Test
    void rowOfAnotherTenant_isRefused() {
        assertThatThrownBy(() -> run("tenant-b", c -> c.query(
                                "insert into dead_letter (tenant, topic, reason) values ('tenant-a', 't', 'r')")
                        .execute()
                        .replaceWithVoid()))
                .hasMessageContaining("row-level security");
    }

    @Test
    void everyTableOfTenants_isUnderRowLevelSecurity() {
        List<String> others = run("tenant-a", c -> c.query("select relname from pg_class where relkind in ('r', 'p')"
                        + " and relnamespace = 'public'::regnamespace"
                        + " and not (relrowsecurity and relforcerowsecurity) order by relname")
                .execute()
                .map(rows -> {
                    List<String> names = new ArrayList<>();
                    rows.forEach(row -> names.add(row.getString(0)));
                    return names;
                }));

        assertThat(others).containsExactly("flyway_schema_history", "system_state");
    }

    @Test
    void failedWork_isRolledBack() {
        long before = run("tenant-c", TenantDatabaseTest::count);

        assertThatThrownBy(() -> run("tenant-c", c -> c.query(
                                "insert into dead_letter (tenant, topic, reason) values ('tenant-c', 't', 'r')")
                        .execute()
                        .chain(() -> c.query("select 1 / 0").execute())
                        .replaceWithVoid()))
                .isInstanceOf(PgException.class);

        assertThat(run("tenant-c", TenantDatabaseTest::count)).isEqualTo(before);
    }

    private <T> T run(String tenant, java.util.function.Function<SqlConnection, Uni<T>> work) {
        return database.inTransaction(tenant, work).await().atMost(Duration.ofSeconds(20));
    }

    private static Uni<Long> count(SqlConnection connection) {
        return connection.query("select count(*) from dead_letter").execute().map(rows -> rows.iterator()
                .next()
                .getLong(0));
    }
}
