package io.cema.cloud.rollout.update;

import io.cema.cloud.event.Actor;
import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.Page;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
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
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;

/** REST: updates under the judgement of their canaries. */
@Path("/api/v1/update-rollouts")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Update rollouts", description = "Updates that go to canaries first, and what became of them")
class UpdateRolloutResource {
    private final UpdateRollouts rollouts;
    private final String tenant;

    UpdateRolloutResource(UpdateRollouts rollouts, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.rollouts = rollouts;
        this.tenant = tenant;
    }

    @GET
    @Operation(summary = "Lists the rollouts of updates, newest first")
    @APIResponse(responseCode = "200", description = "A page of rollouts, without their evidence")
    @APIResponse(responseCode = "400", description = "The page's limits or the state are wrong")
    public Uni<Page<UpdateRolloutView>> list(
            @RestQuery Optional<String> cohort,
            @RestQuery @Pattern(regexp = "CANARY|PROMOTED|REVOKED|SUPERSEDED") String state,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        return rollouts.list(tenant, cohort, Optional.ofNullable(state), limit + 1, offset)
                .map(rows -> Page.byOffset(rows, limit, offset));
    }

    @GET
    @Path("/{version}")
    @Operation(summary = "One rollout with its evidence")
    @APIResponse(
            responseCode = "200",
            description = "The rollout; its ETag changes when it is decided",
            content = @Content(schema = @Schema(implementation = UpdateRolloutView.class)))
    @APIResponse(responseCode = "404", description = "No such update was ever under judgement")
    public Uni<RestResponse<UpdateRolloutView>> get(@RestPath String version) {
        return rollouts.find(tenant, version).map(UpdateRolloutResource::tagged);
    }

    @POST
    @Path("/{version}/promote")
    @Operation(
            summary = "Sends the update to all devices without waiting for the judgement",
            description = "For an admin alone: whoever does so answers for the evidence that is missing.")
    @APIResponse(
            responseCode = "200",
            description = "Promoted",
            content = @Content(schema = @Schema(implementation = UpdateRolloutView.class)))
    @APIResponse(responseCode = "404", description = "No such update was ever under judgement")
    @APIResponse(responseCode = "409", description = "It is decided already")
    @APIResponse(responseCode = "412", description = "If-Match names another state of it")
    public Uni<RestResponse<UpdateRolloutView>> promote(
            @RestPath String version, @RestHeader("If-Match") String ifMatch, @Context RoutingContext request) {
        return rollouts.promote(
                        tenant,
                        version,
                        Optional.ofNullable(ifMatch),
                        Actor.of(request).who())
                .map(UpdateRolloutResource::tagged);
    }

    @POST
    @Path("/{version}/revoke")
    @Operation(summary = "Takes the update back: its canaries return to the last good version")
    @APIResponse(
            responseCode = "200",
            description = "Revoked",
            content = @Content(schema = @Schema(implementation = UpdateRolloutView.class)))
    @APIResponse(responseCode = "404", description = "No such update was ever under judgement")
    @APIResponse(responseCode = "409", description = "It is decided already")
    @APIResponse(responseCode = "412", description = "If-Match names another state of it")
    public Uni<RestResponse<UpdateRolloutView>> revoke(
            @RestPath String version, @RestHeader("If-Match") String ifMatch, @Context RoutingContext request) {
        return rollouts.revoke(
                        tenant,
                        version,
                        Optional.ofNullable(ifMatch),
                        Actor.of(request).who())
                .map(UpdateRolloutResource::tagged);
    }

    private static RestResponse<UpdateRolloutView> tagged(UpdateRolloutView view) {
        return RestResponse.ResponseBuilder.ok(view)
                .tag(EntityTags.of(view.rowVersion()))
                .build();
    }
}
