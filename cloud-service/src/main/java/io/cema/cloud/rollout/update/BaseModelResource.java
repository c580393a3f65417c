package io.cema.cloud.rollout.update;

import io.cema.cloud.event.Actor;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST: the whole fleet back on its base models. */
@Path("/api/v1/fleet/base-models")
@Produces(MediaType.APPLICATION_JSON)
@Tag(
        name = "Cohort updates",
        description = "What an operator wants of a cohort's updates: pin, freeze, roll back, base models")
class BaseModelResource {
    private final CohortUpdates updates;
    private final String tenant;

    BaseModelResource(CohortUpdates updates, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.updates = updates;
        this.tenant = tenant;
    }

    /** The cohorts that went back. */
    record BaseModels(List<String> cohorts) {}

    @POST
    @Operation(
            operationId = "returnFleetToBaseModels",
            summary = "Puts the whole fleet back on its registered models, and freezes every cohort",
            description =
                    "All cohorts in one transaction. Pins are lifted. DELETE /api/v1/cohorts/{id}/freeze lets a cohort"
                            + " have updates again.")
    @APIResponse(responseCode = "200", description = "On its way down to every device")
    public Uni<BaseModels> toBase(@Context RoutingContext request) {
        return updates.fleetToBase(tenant, Actor.of(request).who()).map(BaseModels::new);
    }
}
