package io.cema.cloud.tracing;

import io.smallrye.config.ConfigMapping;
import java.net.URI;
import java.util.Optional;

/** {@code cema.tracing.*}: where spans go. */
@ConfigMapping(prefix = "cema.tracing")
public interface TracingSettings {
    /**
     * URL of a collector's OTLP over HTTP, as {@code http://127.0.0.1:4318}; absent: nothing is traced. Which frames are traced
     * is decided by the devices, by their {@code cema.tracing.ratio}.
     */
    Optional<URI> endpoint();
}
