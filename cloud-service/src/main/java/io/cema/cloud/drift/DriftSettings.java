package io.cema.cloud.drift;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** {@code cema.drift.*}: how devices and cohorts are watched for drift. */
@ConfigMapping(prefix = "cema.drift")
interface DriftSettings {
    /** False: nothing is watched, and no alarm of drift is raised or cleared. */
    @WithDefault("true")
    boolean enabled();

    /** Mean time between false alarms of drift, at least, over all devices, cohorts and signals together. */
    @WithDefault("P30D")
    Duration falseAlarmInterval();

    /** Time between two observations of a device, at least: frames that are close in time tell the same thing. */
    @WithDefault("PT1M")
    Duration interval();

    /** Frames in an observation of entropy or classes, at least. */
    @WithDefault("100")
    long frames();

    /** Observations from which is learnt how a signal usually is; nothing is seen before. */
    @WithDefault("20")
    int reference();

    /** Devices of a cohort that must have been observed, at least, for an observation of the cohort. */
    @WithDefault("3")
    int minimumDevices();

    /** Updates that the gate may refuse in a row while a cohort or a device in it has drifted, before an alarm says so. */
    @WithDefault("20")
    int refusals();
}
