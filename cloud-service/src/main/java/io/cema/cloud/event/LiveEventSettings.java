package io.cema.cloud.event;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** {@code cema.live-events.*}: the stream of live events. */
@ConfigMapping(prefix = "cema.live-events")
interface LiveEventSettings {
    /** A silent stream shows at least this often that it lives. */
    @WithDefault("PT15S")
    Duration heartbeat();

    /** A watcher that does not take what it is sent for this long is cut off. */
    @WithDefault("PT30S")
    Duration patience();

    /** A stream ends after this time; its watcher comes back where it stood, and is asked for its rights again. */
    @WithDefault("PT15M")
    Duration longest();

    /** How many may watch this process. */
    @WithDefault("200")
    int watchers();

    /** How long events are kept. */
    @WithDefault("P1D")
    Duration kept();
}
