package io.cema.cloud.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import io.cema.cloud.http.Ids;
import io.cema.cloud.http.Page;
import io.cema.cloud.http.TaggedAnswers;
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
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: cohorts and what they are ruled by. */
@Path("/api/v1/cohorts")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Cohorts", description = "Devices that share a pair of models and its adaptation")
class CohortResource {
    private final Cohorts cohorts;
    private final CohortRows rows;
    private final CohortRemoval removal;
    private final TaggedAnswers answers;
    private final String tenant;

    CohortResource(
            Cohorts cohorts,
            CohortRows rows,
            CohortRemoval removal,
            TaggedAnswers answers,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.cohorts = cohorts;
        this.rows = rows;
        this.removal = removal;
        this.answers = answers;
        this.tenant = tenant;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Creates a cohort",
            description =
                    "Creates the adaptation loop of the pair's edge model and sends every device its desired state."
                            + " Devices come by its list, by its selector, or both. A list beats every selector; of selectors"
                            + " that match, the smallest priority wins, then the oldest cohort.")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = NewCohort.class),
                            examples =
                                    @ExampleObject(
                                            name = "by label",
                                            value = "{\"id\": \"fog-east\", \"pair\": \"signs\","
                                                    + " \"selector\": \"site=east,!old\"}")))
    @APIResponse(
            responseCode = "201",
            description = "Created",
            content = @Content(schema = @Schema(implementation = Cohort.class)))
    @APIResponse(responseCode = "400", description = "A field or the selector is not valid")
    @APIResponse(responseCode = "404", description = "The pair does not exist")
    @APIResponse(responseCode = "409", description = "The id is taken, or a device is on another cohort's list")
    @APIResponse(responseCode = "422", description = "The policy is not valid")
    public Uni<Response> create(@NotNull @Valid NewCohort cohort) {
        return cohorts.create(tenant, cohort)
                .map(created -> answers.tagged(
                        Response.created(URI.create("/api/v1/cohorts/" + created.id())), created.version(), created));
    }

    @GET
    @Operation(summary = "Lists the cohorts")
    @APIResponse(responseCode = "200", description = "A page of cohorts")
    @APIResponse(responseCode = "400", description = "A parameter is not valid")
    public Uni<Page<Cohort>> list(
            @RestQuery @Parameter(description = "Only those of this pair of models") Optional<String> pair,
            @RestQuery @Parameter(description = "First characters of the id") Optional<String> q,
            @RestQuery @Parameter(description = "Only the one this device is in") Optional<String> device,
            @RestQuery
                    @DefaultValue("id")
                    @Parameter(description = "id, createdAt, pair, priority; '-' before one that falls")
                    String sort,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        return rows.list(tenant, pair, q, device, sort, limit + 1, offset)
                .map(found -> Page.byOffset(found, limit, offset));
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "One cohort", description = "With the devices that match its selector and are elsewhere.")
    @APIResponse(
            responseCode = "200",
            description = "The cohort; ETag has its version",
            content = @Content(schema = @Schema(implementation = Cohort.class)))
    @APIResponse(responseCode = "304", description = "As If-None-Match says")
    @APIResponse(responseCode = "404", description = "No such cohort")
    public Uni<Response> get(@RestPath String id) {
        return rows.find(tenant, id).map(this::answer);
    }

    @PUT
    @Path("/{id}/policy")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Replaces the policy and tells every device")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = JsonNode.class),
                            examples =
                                    @ExampleObject(
                                            name = "thin link",
                                            value = "{\"selection\": {\"bytesPerDay\": 5000000,"
                                                    + " \"quietHours\": [\"22:00-06:00\"],"
                                                    + " \"timeZone\": \"Europe/Berlin\"}}")))
    @APIResponse(
            responseCode = "200",
            description = "Changed",
            content = @Content(schema = @Schema(implementation = Cohort.class)))
    @APIResponse(responseCode = "400", description = "Not JSON")
    @APIResponse(responseCode = "404", description = "No such cohort")
    @APIResponse(responseCode = "412", description = "If-Match names another version")
    @APIResponse(responseCode = "422", description = "The policy is not valid")
    public Uni<Response> changePolicy(
            @RestPath String id, @RestHeader("If-Match") Optional<String> ifMatch, @NotNull JsonNode policy) {
        return cohorts.changePolicy(tenant, id, ifMatch, policy).map(this::answer);
    }

    @PUT
    @Path("/{id}/selector")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Replaces the selector, or takes it away",
            description = "Devices move at once. From then on the cohort follows devices as their labels change.")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = CohortSelector.class),
                            examples =
                                    @ExampleObject(
                                            name = "by label",
                                            value = "{\"selector\": \"site in (north,east),!old\", \"priority\": 10}")))
    @APIResponse(
            responseCode = "200",
            description = "Changed",
            content = @Content(schema = @Schema(implementation = Cohort.class)))
    @APIResponse(responseCode = "400", description = "The selector is not valid; the detail names the place")
    @APIResponse(responseCode = "404", description = "No such cohort")
    @APIResponse(responseCode = "412", description = "If-Match names another version")
    public Uni<Response> changeSelector(
            @RestPath String id,
            @RestHeader("If-Match") Optional<String> ifMatch,
            @NotNull @Valid CohortSelector selector) {
        return cohorts.changeSelector(tenant, id, ifMatch, selector).map(this::answer);
    }

    @DELETE
    @Path("/{id}")
    @Operation(
            summary = "Ends a cohort",
            description = "Its loop ends and its updates are no longer offered; their history and the samples stay.")
    @APIResponse(responseCode = "204", description = "Ended")
    @APIResponse(responseCode = "404", description = "No such cohort")
    @APIResponse(responseCode = "409", description = "It has devices, or something that goes on needs it")
    @APIResponse(responseCode = "412", description = "If-Match names another version")
    public Uni<Void> remove(
            @RestPath @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE) String id,
            @RestHeader("If-Match") Optional<String> ifMatch,
            @RestQuery
                    @DefaultValue("false")
                    @Parameter(
                            description = "Even if it has devices: they go where other selectors say, or have no model")
                    boolean force) {
        return removal.remove(tenant, id, ifMatch, force);
    }

    private Response answer(Cohort cohort) {
        return answers.ok(cohort.version(), cohort);
    }
}
