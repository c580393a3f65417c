package io.cema.edge.serving;

import io.cema.edge.update.ActiveModels;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once any model is in use, whether or not the cloud can be reached: one that fails takes no other out of service. */
@Readiness
@ApplicationScoped
class ModelReadiness implements HealthCheck {
    private final ActiveModels models;

    ModelReadiness(ActiveModels models) {
        this.models = models;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("model in use")
                .status(models.present())
                .build();
    }
}
