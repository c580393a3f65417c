package io.cema.cloud.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code cema.security.*}: device certificates. */
@ConfigMapping(prefix = "cema.security")
interface SecuritySettings {
    /** False: there is no certificate authority and no enrolment; the broker must be one of this machine alone. */
    @WithDefault("false")
    boolean enabled();

    /** How long a device's certificate lasts. It is renewed in its last third. */
    @WithDefault("P90D")
    Duration certificateValidity();

    /** How long a claim lasts that does not say it itself. */
    @WithDefault("PT24H")
    Duration claimValidity();

    /** After which age brokers no longer believe a revocation list, and refuse everyone. */
    @WithDefault("P30D")
    Duration revocationListValidity();

    /** How often it is looked for revocations by other replicas. */
    @WithDefault("PT1M")
    Duration revocationListRefresh();

    /** How often the list of slots is made anew, beside whenever the database says that they changed. */
    @WithDefault("PT1M")
    Duration slotListRefresh();

    /** Host names and addresses the broker is reached by, for the certificate made for it. */
    @WithDefault("localhost,127.0.0.1")
    List<String> brokerNames();

    /** Host names and addresses this service is reached by over HTTPS, for the certificate made for it. */
    @WithDefault("localhost,127.0.0.1")
    List<String> httpsNames();

    /** Who may still speak HTTP without TLS, while there is HTTPS. */
    @WithDefault("loopback")
    PlainHttp plainHttp();

    Authority authority();

    /** Where the port without TLS listens. */
    enum PlainHttp {
        /** On this machine alone, for its own tools and health checks, whatever {@code quarkus.http.host} says. */
        LOOPBACK,
        /** Wherever HTTPS does: tokens travel readable, unless something in front encrypts. */
        ANYWHERE
    }

    /** An authority made elsewhere, both files in PEM; without it one is made in the data folder. */
    interface Authority {
        Optional<Path> certificate();

        Optional<Path> key();
    }
}
