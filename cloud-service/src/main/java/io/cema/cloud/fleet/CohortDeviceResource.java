package io.cema.cloud.fleet;

import io.cema.cloud.http.Ids;
import io.cema.cloud.http.TaggedAnswers;
import io.smallrye.mutiny.Uni;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestPath;

/** REST: the list of a cohort. */
@Path("/api/v1/cohorts/{id}/devices/{device}")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Cohorts")
class CohortDeviceResource {
    private final CohortMembers members;
    private final TaggedAnswers answers;
    private final String tenant;

    CohortDeviceResource(
            CohortMembers members, TaggedAnswers answers, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.members = members;
        this.answers = answers;
        this.tenant = tenant;
    }

    @PUT
    @Operation(
            operationId = "addCohortDevice",
            summary = "Puts a device on the cohort's list, out of the cohort it may have been in",
            description = "Selectors no longer move it.")
    @APIResponse(
            responseCode = "200",
            description = "It is there",
            content = @Content(schema = @Schema(implementation = Cohort.class)))
    @APIResponse(responseCode = "400", description = "The device's id is not valid")
    @APIResponse(responseCode = "404", description = "No such cohort")
    @APIResponse(responseCode = "409", description = "The device is decommissioned")
    @APIResponse(responseCode = "412", description = "If-Match names another version of the cohort")
    public Uni<Response> addDevice(
            @RestPath String id,
            @RestPath @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE) String device,
            @RestHeader("If-Match") Optional<String> ifMatch) {
        return members.add(tenant, id, device, ifMatch).map(this::answer);
    }

    @DELETE
    @Operation(
            operationId = "removeCohortDevice",
            summary = "Takes a device off the cohort's list",
            description = "It goes where the selectors say; where none matches, it keeps no model.")
    @APIResponse(
            responseCode = "200",
            description = "It is off the list",
            content = @Content(schema = @Schema(implementation = Cohort.class)))
    @APIResponse(responseCode = "404", description = "No such cohort, or the device is not in it")
    @APIResponse(responseCode = "409", description = "The device is there by the selector")
    @APIResponse(responseCode = "412", description = "If-Match names another version of the cohort")
    public Uni<Response> removeDevice(
            @RestPath String id, @RestPath String device, @RestHeader("If-Match") Optional<String> ifMatch) {
        return members.remove(tenant, id, device, ifMatch).map(this::answer);
    }

    private Response answer(Cohort cohort) {
        return answers.ok(cohort.version(), cohort);
    }
}
