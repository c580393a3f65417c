package io.cema.cloud.rollout.update;

import io.cema.cloud.event.Actor;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
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

/** REST: a cohort whose devices stay on one version. */
@Path("/api/v1/cohorts/{id}/pin")
@Produces(MediaType.APPLICATION_JSON)
@Tag(
        name = "Cohort updates",
        description = "What an operator wants of a cohort's updates: pin, freeze, roll back, base models")
class PinResource {
    private final CohortUpdates updates;
    private final String tenant;

    PinResource(CohortUpdates updates, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.updates = updates;
        this.tenant = tenant;
    }

    @GET
    @Operation(operationId = "getCohortPin", summary = "Whether the cohort's devices are pinned to a version")
    @APIResponse(
            responseCode = "200",
            description = "What is held; its ETag changes with it",
            content = @Content(schema = @Schema(implementation = UpdateHold.class)))
    @APIResponse(responseCode = "404", description = "No such cohort")
    public Uni<RestResponse<UpdateHold>> get(@RestPath String id) {
        return updates.hold(tenant, id).map(UpdateHold::tagged);
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "pinCohort",
            summary = "Puts all devices on a version, and keeps them there",
            description = "The version goes down as a new revision; a candidate under judgement is superseded.")
    @APIResponse(
            responseCode = "200",
            description = "Pinned",
            content = @Content(schema = @Schema(implementation = UpdateHold.class)))
    @APIResponse(responseCode = "400", description = "The body is not valid")
    @APIResponse(responseCode = "404", description = "No such cohort, or it has no such update")
    @APIResponse(responseCode = "412", description = "If-Match names another state")
    @APIResponse(responseCode = "422", description = "The update was never published")
    public Uni<RestResponse<UpdateHold>> pin(
            @RestPath String id,
            @NotNull @Valid WantedVersion wanted,
            @RestHeader("If-Match") String ifMatch,
            @Context RoutingContext request) {
        return updates.pin(
                        tenant,
                        id,
                        wanted.version(),
                        Optional.ofNullable(ifMatch),
                        Actor.of(request).who())
                .map(UpdateHold::tagged);
    }

    @DELETE
    @Operation(
            operationId = "unpinCohort",
            summary = "Lets the devices go",
            description = "They stay on what they have until the next update is published.")
    @APIResponse(
            responseCode = "200",
            description = "Not pinned any more",
            content = @Content(schema = @Schema(implementation = UpdateHold.class)))
    @APIResponse(responseCode = "404", description = "No such cohort")
    @APIResponse(responseCode = "412", description = "If-Match names another state")
    public Uni<RestResponse<UpdateHold>> unpin(@RestPath String id, @RestHeader("If-Match") String ifMatch) {
        return updates.unpin(tenant, id, Optional.ofNullable(ifMatch)).map(UpdateHold::tagged);
    }
}
