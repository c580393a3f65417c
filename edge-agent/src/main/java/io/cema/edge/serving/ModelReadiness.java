package io.cema.edge.serving;

import io.cema.edge.update.ActiveModelHolder;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once a model is in use, whether or not the cloud can be reached. */
@Readiness
@ApplicationScoped
class ModelReadiness implements HealthCheck {
    private final ActiveModelHolder holder;

    ModelReadiness(ActiveModelHolder holder) {
        this.holder = holder;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("model in use")
                .status(holder.present())
                .build();
    }
}
