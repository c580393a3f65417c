package io.cema.cloud.rollout.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.Page;
import io.smallrye.mutiny.Uni;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: rollouts of models. */
@Path("/api/v1/rollouts")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Rollouts", description = "A cohort moves to another pair of models in waves, judged by model quality")
class RolloutResource {
    private static final String NOT_FOUND = "No such rollout";
    private static final String STALE = "If-Match names another version; read it again";
    private static final String WRONG_STATE = "Its state does not allow that";

    private final Rollouts rollouts;
    private final String tenant;

    RolloutResource(Rollouts rollouts, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.rollouts = rollouts;
        this.tenant = tenant;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "createRollout",
            summary = "Creates a rollout as a draft",
            description = "Nothing happens to a device before its start. Both edge models must have the same classes.")
    @APIResponseSchema(value = Rollout.class, responseCode = "201", responseDescription = "Created")
    @APIResponse(responseCode = "400", description = "Malformed, an unknown field, or a value out of range")
    @APIResponse(responseCode = "404", description = "The cohort or the pair does not exist")
    @APIResponse(
            responseCode = "422",
            description = "The waves do not rise to 100 percent, or the pair changes nothing, or other classes")
    public Uni<Response> create(
            @NotNull
                    @RequestBody(
                            content =
                                    @Content(
                                            mediaType = MediaType.APPLICATION_JSON,
                                            schema = @Schema(implementation = NewRollout.class),
                                            examples = @ExampleObject(name = "two waves", value = NewRollout.EXAMPLE)))
                    JsonNode wanted) {
        return rollouts.create(tenant, NewRollout.of(wanted))
                .map(rollout -> Response.created(URI.create("/api/v1/" + rollout.path()))
                        .tag(EntityTags.of(rollout.version()))
                        .entity(rollout)
                        .build());
    }

    @GET
    @Operation(operationId = "listRollouts", summary = "Lists the rollouts, newest first")
    @APIResponse(responseCode = "200", description = "A page of rollouts, without progress")
    @APIResponse(responseCode = "400", description = "A parameter is out of range")
    public Uni<Page<Rollout>> list(
            @RestQuery Optional<String> cohort,
            @Parameter(schema = @Schema(implementation = RolloutState.class)) @RestQuery Optional<String> state,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        return rollouts.list(tenant, cohort, state.map(RolloutState::of), limit + 1, offset)
                .map(rows -> Page.byOffset(rows, limit, offset));
    }

    @GET
    @Path("/{id}")
    @Operation(
            operationId = "getRollout",
            summary = "One rollout with the progress of its waves",
            description = "The entity tag is the version of its state and wave; the progress changes without it.")
    @APIResponseSchema(value = Rollout.class, responseCode = "200", responseDescription = "The rollout")
    @APIResponse(responseCode = "404", description = NOT_FOUND)
    public Uni<Response> get(@RestPath String id) {
        return rollouts.find(tenant, id).map(RolloutResource::tagged);
    }

    @GET
    @Path("/{id}/devices")
    @Operation(operationId = "listRolloutDevices", summary = "Lists a rollout's devices by id, with their states")
    @APIResponse(responseCode = "200", description = "A page of devices; none before the start")
    @APIResponse(responseCode = "400", description = "A parameter is out of range")
    @APIResponse(responseCode = "404", description = NOT_FOUND)
    public Uni<Page<RolloutDevice>> devices(
            @RestPath String id,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        return rollouts.devices(tenant, id, limit + 1, offset).map(rows -> Page.byOffset(rows, limit, offset));
    }

    @POST
    @Path("/{id}/start")
    @Operation(
            operationId = "startRollout",
            summary = "Starts a draft",
            description = "Gives every device of the cohort its wave, and tells the first one.")
    @APIResponseSchema(value = Rollout.class, responseCode = "200", responseDescription = "It runs")
    @APIResponse(responseCode = "404", description = NOT_FOUND)
    @APIResponse(
            responseCode = "409",
            description = "Not a draft, another rollout of the cohort runs, or the cohort's pair changed")
    @APIResponse(responseCode = "412", description = STALE)
    public Uni<Response> start(@RestPath String id, @RestHeader(HttpHeaders.IF_MATCH) Optional<String> ifMatch) {
        return rollouts.start(tenant, id, ifMatch).map(RolloutResource::tagged);
    }

    @POST
    @Path("/{id}/pause")
    @Operation(
            operationId = "pauseRollout",
            summary = "Pauses a running rollout",
            description = "No wave begins or ends and its time stands still; the devices stay where they are.")
    @APIResponseSchema(value = Rollout.class, responseCode = "200", responseDescription = "It is paused")
    @APIResponse(responseCode = "404", description = NOT_FOUND)
    @APIResponse(responseCode = "409", description = WRONG_STATE)
    @APIResponse(responseCode = "412", description = STALE)
    public Uni<Response> pause(@RestPath String id, @RestHeader(HttpHeaders.IF_MATCH) Optional<String> ifMatch) {
        return rollouts.pause(tenant, id, ifMatch).map(RolloutResource::tagged);
    }

    @POST
    @Path("/{id}/resume")
    @Operation(operationId = "resumeRollout", summary = "Lets a paused rollout go on")
    @APIResponseSchema(value = Rollout.class, responseCode = "200", responseDescription = "It runs")
    @APIResponse(responseCode = "404", description = NOT_FOUND)
    @APIResponse(responseCode = "409", description = WRONG_STATE)
    @APIResponse(responseCode = "412", description = STALE)
    public Uni<Response> resume(@RestPath String id, @RestHeader(HttpHeaders.IF_MATCH) Optional<String> ifMatch) {
        return rollouts.resume(tenant, id, ifMatch).map(RolloutResource::tagged);
    }

    @POST
    @Path("/{id}/cancel")
    @Operation(
            operationId = "cancelRollout",
            summary = "Cancels a rollout that has not ended",
            description = "Every device it touched is told to return at once; it is CANCELLED when they have.")
    @APIResponseSchema(
            value = Rollout.class,
            responseCode = "200",
            responseDescription = "ROLLING_BACK, or CANCELLED if it had not been started")
    @APIResponse(responseCode = "404", description = NOT_FOUND)
    @APIResponse(responseCode = "409", description = WRONG_STATE)
    @APIResponse(responseCode = "412", description = STALE)
    public Uni<Response> cancel(@RestPath String id, @RestHeader(HttpHeaders.IF_MATCH) Optional<String> ifMatch) {
        return rollouts.cancel(tenant, id, ifMatch).map(RolloutResource::tagged);
    }

    private static Response tagged(Rollout rollout) {
        return Response.ok(rollout).tag(EntityTags.of(rollout.version())).build();
    }
}
