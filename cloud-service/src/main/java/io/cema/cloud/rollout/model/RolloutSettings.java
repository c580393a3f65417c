package io.cema.cloud.rollout.model;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** {@code cema.model-rollout.*}: how this process watches over rollouts. */
@ConfigMapping(prefix = "cema.model-rollout")
interface RolloutSettings {
    /** False: this process moves no rollout; another replica does. */
    @WithDefault("true")
    boolean enabled();

    /** Time between two looks at the running rollouts. */
    @WithDefault("PT5S")
    Duration tick();

    /** How old uploads of the former model may be that a last wave is compared with. */
    @WithDefault("P7D")
    Duration referenceAge();
}
