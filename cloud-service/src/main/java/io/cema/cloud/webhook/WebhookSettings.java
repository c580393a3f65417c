package io.cema.cloud.webhook;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code cema.webhooks.*}: where webhooks may lead, and how they are tried. */
@ConfigMapping(prefix = "cema.webhooks")
interface WebhookSettings {
    /**
     * Hosts and networks of private, link-local or loopback addresses that webhooks may lead to, such as
     * {@code hooks.internal,10.1.0.0/16,127.0.0.1}; a host covers whatever addresses it has. Public ones need no entry.
     */
    Optional<List<String>> allowedHosts();

    /** True: webhooks may lead to an {@code http} address on loopback that is an allowed host. Elsewhere it is always https. */
    @WithDefault("false")
    boolean plainLoopback();

    /** A receiver that has not answered by then is tried again. */
    @WithDefault("PT10S")
    Duration timeout();

    /** Pause after the first failed attempt; it doubles with each further one. */
    @WithDefault("PT5S")
    Duration firstPause();

    /** Longest pause between two attempts. */
    @WithDefault("PT1H")
    Duration longestPause();

    /** A delivery that nobody took for this long is given up, and an alarm raised. */
    @WithDefault("P3D")
    Duration giveUpAfter();

    /** How long ended deliveries can be looked at. */
    @WithDefault("P7D")
    Duration kept();

    /** Deliveries under way at the same time, of one process. */
    @WithDefault("16")
    int concurrency();
}
