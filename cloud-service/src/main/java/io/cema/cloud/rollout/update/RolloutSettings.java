package io.cema.cloud.rollout.update;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How often what is under judgement is looked at. */
@ConfigMapping(prefix = "cema.rollout")
interface RolloutSettings {
    /** Between two looks at the candidates. The error rates hold however often one looks. */
    @WithDefault("5S")
    Duration judgeInterval();
}
