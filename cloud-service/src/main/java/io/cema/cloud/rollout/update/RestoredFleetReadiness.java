package io.cema.cloud.rollout.update;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Not ready while a restored database and the fleet contradict each other. */
@Readiness
final class RestoredFleetReadiness implements HealthCheck {
    private final RestoredFleet fleet;

    RestoredFleetReadiness(RestoredFleet fleet) {
        this.fleet = fleet;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("restored fleet").status(fleet.done()).build();
    }
}
