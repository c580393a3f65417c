package io.cema.cloud.fleet.command;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** {@code cema.commands.*}: how long commands are remembered. */
@ConfigMapping(prefix = "cema.commands")
interface CommandSettings {
    /** Commands go so long after they ended; the audit log keeps who gave them. */
    @WithDefault("P30D")
    Duration keepEnded();

    /** How often that is looked after. */
    @WithDefault("PT1H")
    Duration pruningInterval();
}
