package io.cema.cloud.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import io.cema.cloud.http.Ids;
import io.cema.cloud.http.Page;
import io.smallrye.mutiny.Uni;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: cohorts. */
@Path("/api/v1/cohorts")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Cohorts", description = "Devices that share a pair of models and its adaptation")
class CohortResource {
    private final Cohorts cohorts;
    private final String tenant;

    CohortResource(Cohorts cohorts, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.cohorts = cohorts;
        this.tenant = tenant;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Creates a cohort",
            description =
                    "Creates the adaptation loop of the pair's edge model and sends every device its desired state.")
    @APIResponseSchema(value = Cohort.class, responseCode = "201", responseDescription = "Created")
    @APIResponse(responseCode = "404", description = "The pair does not exist")
    @APIResponse(responseCode = "409", description = "The id is taken, or a device is in another cohort")
    @APIResponse(responseCode = "422", description = "The policy is not valid")
    public Uni<Response> create(@NotNull @Valid Cohort cohort) {
        return cohorts.create(tenant, cohort)
                .map(created -> Response.created(URI.create("/api/v1/cohorts/" + created.id()))
                        .entity(created)
                        .build());
    }

    @GET
    @Operation(summary = "Lists the cohorts by id")
    public Uni<Page<Cohort>> list(
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        return cohorts.list(tenant, limit + 1, offset).map(rows -> Page.byOffset(rows, limit, offset));
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "One cohort")
    public Uni<Cohort> get(@RestPath String id) {
        return cohorts.find(tenant, id);
    }

    @PUT
    @Path("/{id}/policy")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Replaces the policy and tells every device")
    @APIResponse(responseCode = "200", description = "The cohort with its new policy")
    @APIResponse(responseCode = "404", description = "No such cohort")
    @APIResponse(responseCode = "422", description = "The policy is not valid; the detail names section and field")
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = JsonNode.class),
                            example = "{\"selection\": {\"randomShare\": 0.02}, \"adaptation\": true}"))
    public Uni<Cohort> changePolicy(@RestPath String id, @NotNull JsonNode policy) {
        return cohorts.changePolicy(tenant, id, policy);
    }

    @PUT
    @Path("/{id}/devices/{device}")
    @Operation(summary = "Puts a device into the cohort, out of the one it may have been in")
    public Uni<Cohort> addDevice(
            @RestPath String id, @RestPath @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE) String device) {
        return cohorts.addDevice(tenant, id, device);
    }

    @DELETE
    @Path("/{id}/devices/{device}")
    @Operation(summary = "Takes a device out of the cohort; it keeps no model then")
    public Uni<Cohort> removeDevice(@RestPath String id, @RestPath String device) {
        return cohorts.removeDevice(tenant, id, device);
    }
}
