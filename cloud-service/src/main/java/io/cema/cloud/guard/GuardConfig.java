package io.cema.cloud.guard;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** {@code cema.guard.*}: how devices are compared. Whether they are is the cohort's policy, section {@code guard}. */
@ConfigMapping(prefix = "cema.guard")
interface GuardConfig {
    /** How often the devices of each cohort are compared. */
    @WithDefault("PT5M")
    Duration interval();

    /** Uploads further back say nothing of the present. */
    @WithDefault("PT6H")
    Duration window();

    /** Fewest uploads of a device in the window; with fewer it is neither judged nor compared with. */
    @WithDefault("40")
    int minimumImages();

    /** Newest uploads of a device that count, at most. */
    @WithDefault("400")
    int mostImages();
}
