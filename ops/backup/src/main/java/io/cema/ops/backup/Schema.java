package io.cema.ops.backup;

import java.util.Arrays;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/** The service's tables, made by its own migrations. */
final class Schema {
    private final Settings settings;

    Schema(Settings settings) {
        this.settings = settings;
    }

    /** Number of the newest migration that this program has. */
    int newest() {
        return Arrays.stream(flyway().load().info().all())
                .map(MigrationInfo::getVersion)
                .filter(version -> version != null)
                .mapToInt(version -> version.getMajor().intValueExact())
                .max()
                .orElseThrow();
    }

    /** Everything in the database goes. */
    void clean() {
        flyway().cleanDisabled(false).load().clean();
    }

    /** Brings an empty database to this migration, or one that stands before it. */
    void migrate(int version) {
        flyway().target(MigrationVersion.fromVersion(Integer.toString(version)))
                .load()
                .migrate();
    }

    private FluentConfiguration flyway() {
        return Flyway.configure()
                .dataSource(settings.url(), settings.user(), settings.password())
                .locations("classpath:db/migration");
    }
}
