package io.cema.cloud.rollout.update;

import io.cema.cloud.event.Actor;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/** REST: a cohort that gets no new updates. */
@Path("/api/v1/cohorts/{id}/freeze")
@Produces(MediaType.APPLICATION_JSON)
@Tag(
        name = "Cohort updates",
        description = "What an operator wants of a cohort's updates: pin, freeze, roll back, base models")
class FreezeResource {
    private final CohortUpdates updates;
    private final String tenant;

    FreezeResource(CohortUpdates updates, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.updates = updates;
        this.tenant = tenant;
    }

    @GET
    @Operation(operationId = "getCohortFreeze", summary = "Whether the cohort's updates are frozen")
    @APIResponse(
            responseCode = "200",
            description = "What is held; its ETag changes with it",
            content = @Content(schema = @Schema(implementation = UpdateHold.class)))
    @APIResponse(responseCode = "404", description = "No such cohort")
    public Uni<RestResponse<UpdateHold>> get(@RestPath String id) {
        return updates.hold(tenant, id).map(UpdateHold::tagged);
    }

    @PUT
    @Operation(
            operationId = "freezeCohort",
            summary = "Publishes nothing more for the cohort",
            description = "A candidate under judgement is superseded and its canaries return to the last good version.")
    @APIResponse(
            responseCode = "200",
            description = "Frozen",
            content = @Content(schema = @Schema(implementation = UpdateHold.class)))
    @APIResponse(responseCode = "404", description = "No such cohort")
    @APIResponse(responseCode = "412", description = "If-Match names another state")
    public Uni<RestResponse<UpdateHold>> freeze(
            @RestPath String id, @RestHeader("If-Match") String ifMatch, @Context RoutingContext request) {
        return updates.freeze(
                        tenant,
                        id,
                        Optional.ofNullable(ifMatch),
                        Actor.of(request).who())
                .map(UpdateHold::tagged);
    }

    @DELETE
    @Operation(operationId = "unfreezeCohort", summary = "Lets the cohort have updates again")
    @APIResponse(
            responseCode = "200",
            description = "Not frozen any more",
            content = @Content(schema = @Schema(implementation = UpdateHold.class)))
    @APIResponse(responseCode = "404", description = "No such cohort")
    @APIResponse(responseCode = "412", description = "If-Match names another state")
    public Uni<RestResponse<UpdateHold>> unfreeze(@RestPath String id, @RestHeader("If-Match") String ifMatch) {
        return updates.unfreeze(tenant, id, Optional.ofNullable(ifMatch)).map(UpdateHold::tagged);
    }
}
