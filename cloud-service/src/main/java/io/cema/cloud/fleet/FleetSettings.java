package io.cema.cloud.fleet;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How the fleet is watched. */
@ConfigMapping(prefix = "cema.fleet")
interface FleetSettings {
    int SILENT_INTERVALS = 3;

    /** How often an agent sends telemetry; three times as long a silence makes it UNKNOWN. */
    @WithDefault("PT30S")
    Duration telemetryInterval();

    default Duration silence() {
        return telemetryInterval().multipliedBy(SILENT_INTERVALS);
    }
}
