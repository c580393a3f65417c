package io.cema.cloud.security.access;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** {@code cema.access.*}: who may call the REST interface. */
@ConfigMapping(prefix = "cema.access")
interface AccessSettings {
    @WithDefault("local")
    Mode mode();

    /**
     * True: whoever knows the SHA-256 of a model or package may download it. For agents without certificates, which have
     * nothing to show, on one machine: refused off loopback, and where {@code cema.security.enabled} gives certificates.
     */
    @WithDefault("false")
    boolean openArtefacts();

    /** How long the first admin's token lasts. */
    @WithDefault("P30D")
    Duration firstAdminValidity();

    /** How long a token of the local issuer lasts that does not say it itself. */
    @WithDefault("PT12H")
    Duration tokenValidity();

    /** How long it may at most. */
    @WithDefault("P366D")
    Duration longestTokenValidity();

    Oidc oidc();

    /** Where tokens come from. */
    enum Mode {
        /** From nowhere: everybody who reaches the service is its admin. On loopback alone. */
        OPEN,
        /** From this service, for one machine. */
        LOCAL,
        /** From an OIDC provider. */
        OIDC
    }

    /** The provider, in mode {@code oidc}. */
    interface Oidc {
        /** As it stands in claim {@code iss}. */
        Optional<URI> issuer();

        /** What claim {@code aud} must hold: tokens made for other services are refused. */
        Optional<String> audience();

        /** Its keys; absent: where its discovery document says. */
        Optional<URI> jwks();

        /** The claim with the roles; a slash leads into an object, as in {@code realm_access/roles}. */
        @WithDefault("roles")
        String rolesClaim();

        @WithDefault("tenant")
        String tenantClaim();
    }
}
