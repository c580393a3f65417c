package io.cema.cloud.alarm;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** {@code cema.alarms.*}: alarms that a timer raises, and how long alarms are kept. */
@ConfigMapping(prefix = "cema.alarms")
interface AlarmSettings {
    /** A device that was not heard of for this long is told of by an alarm of its cohort. */
    @WithDefault("PT15M")
    Duration awayAfter();

    /** How often that is looked after. */
    @WithDefault("PT30S")
    Duration interval();

    /** Cleared alarms go after this time. */
    @WithDefault("P90D")
    Duration kept();
}
