package io.cema.cloud.persistence;

import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when the schema stands and the database answers within two seconds. */
@Readiness
final class DatabaseReadiness implements AsyncHealthCheck {
    private static final String NAME = "database";

    private final SchemaMigration migration;
    private final Pool pool;

    DatabaseReadiness(SchemaMigration migration, Pool pool) {
        this.migration = migration;
        this.pool = pool;
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        if (!migration.done()) {
            return Uni.createFrom().item(answer(false, migration.state()));
        }
        return pool.query("select 1")
                .execute()
                .ifNoItem()
                .after(Duration.ofSeconds(2))
                .fail()
                .map(rows -> answer(true, migration.state()))
                .onFailure()
                .recoverWithItem(e -> answer(false, String.valueOf(e.getMessage())));
    }

    private static HealthCheckResponse answer(boolean up, String state) {
        return HealthCheckResponse.named(NAME)
                .status(up)
                .withData("state", state)
                .build();
    }
}
