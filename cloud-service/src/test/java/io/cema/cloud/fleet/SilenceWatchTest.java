package io.cema.cloud.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.StackResource;
import io.cema.cloud.persistence.SchemaMigration;
import io.cema.cloud.persistence.TenantDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Devices that fall silent, on the real database. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class SilenceWatchTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Inject
    TenantDatabase database;

    @Inject
    SchemaMigration migration;

    @Inject
    SilenceWatch watch;

    private final String device = "q" + UUID.randomUUID().toString().substring(0, 8);

    @BeforeEach
    void schemaStands() {
        Awaitility.await().atMost(PATIENCE).until(migration::done);
    }

    @Test
    void silence_isToldOnceAndSoIsItsEnd() {
        sql("insert into device (tenant, id, online, seen_at)"
                + " values (current_setting('cema.tenant'), $1, 'ONLINE', now() - interval '1 hour')");
        look();
        look();
        assertThat(events()).containsExactly("device.unknown");

        sql("update device set seen_at = now() where id = $1");

        look();
        look();
        assertThat(events()).containsExactly("device.unknown", "device.online");
    }

    private void look() {
        watch.look().await().atMost(PATIENCE);
    }

    private List<String> events() {
        List<String> types = new ArrayList<>();
        sql("select type from live_event where subject = 'devices/' || $1 order by id")
                .forEach(row -> types.add(row.getString(0)));
        return types;
    }

    private RowSet<Row> sql(String statement) {
        return database.inTransaction(
                        "default",
                        connection -> connection.preparedQuery(statement).execute(Tuple.of(device)))
                .await()
                .atMost(PATIENCE);
    }
}
