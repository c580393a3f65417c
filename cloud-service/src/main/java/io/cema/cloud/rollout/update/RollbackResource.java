package io.cema.cloud.rollout.update;

import io.cema.cloud.event.Actor;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/** REST: the way back of a cohort. */
@Path("/api/v1/cohorts/{id}/rollback")
@Produces(MediaType.APPLICATION_JSON)
@Tag(
        name = "Cohort updates",
        description = "What an operator wants of a cohort's updates: pin, freeze, roll back, base models")
class RollbackResource {
    private final CohortUpdates updates;
    private final String tenant;

    RollbackResource(CohortUpdates updates, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.updates = updates;
        this.tenant = tenant;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "rollBackCohort",
            summary = "Puts all devices back on a version published before, or on their registered model",
            description =
                    "It goes down as a new revision, and the loop learns on from it; freeze the cohort to stay there.")
    @APIResponse(
            responseCode = "200",
            description = "On its way down",
            content = @Content(schema = @Schema(implementation = UpdateHold.class)))
    @APIResponse(responseCode = "400", description = "The body is not valid")
    @APIResponse(responseCode = "404", description = "No such cohort, or it has no such update")
    @APIResponse(responseCode = "409", description = "The cohort is pinned to a version")
    @APIResponse(responseCode = "422", description = "The update was never published")
    public Uni<RestResponse<UpdateHold>> rollBack(
            @RestPath String id, @NotNull @Valid WantedVersion wanted, @Context RoutingContext request) {
        String who = Actor.of(request).who();
        return (wanted.version().equals(WantedVersion.BASE)
                        ? updates.toBase(tenant, id, who)
                        : updates.rollBack(tenant, id, wanted.version(), who))
                .map(UpdateHold::tagged);
    }
}
