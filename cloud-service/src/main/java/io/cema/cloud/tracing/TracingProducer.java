package io.cema.cloud.tracing;

import io.cema.protocol.trace.Tracing;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The process's one way for spans. */
@ApplicationScoped
class TracingProducer {
    /** What begins here began with traced frames, or it would not be recorded at all. */
    private static final double ALL = 1;

    @Produces
    @Singleton
    Tracing tracing(TracingSettings settings, @ConfigProperty(name = "cema.instance") String instance) {
        return Tracing.to(settings.endpoint(), "cema-cloud", instance, ALL);
    }

    void close(@Disposes Tracing tracing) {
        tracing.close();
    }
}
