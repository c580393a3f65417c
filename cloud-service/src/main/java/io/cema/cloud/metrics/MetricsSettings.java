package io.cema.cloud.metrics;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** {@code cema.metrics.*}: what {@code /q/metrics} shows. */
@ConfigMapping(prefix = "cema.metrics")
public interface MetricsSettings {
    /** Cohorts that have series of their own; those beyond are counted together, under the name {@code .other}. */
    @WithDefault("200")
    int cohorts();

    /** How often the database is asked for what only it knows: devices, backlogs, leases, outbox. */
    @WithDefault("PT15S")
    Duration interval();
}
