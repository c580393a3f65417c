package io.cema.cloud.guard;

import io.cema.cloud.http.EntityTags;
import io.cema.cloud.http.Page;
import io.smallrye.mutiny.Uni;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: devices set apart. */
@Path("/api/v1/quarantine")
@Produces(MediaType.APPLICATION_JSON)
@Tag(
        name = "Quarantine",
        description = "Devices unlike the rest of their cohort: their uploads are kept and not learnt from")
class QuarantineResource {
    private final Quarantine quarantine;

    QuarantineResource(Quarantine quarantine) {
        this.quarantine = quarantine;
    }

    @GET
    @Operation(summary = "Lists devices set apart, newest first", description = "Decided cases only where asked for.")
    @APIResponse(responseCode = "200", description = "A page of cases")
    @APIResponse(responseCode = "400", description = "A parameter is out of its range")
    public Uni<Page<QuarantineView>> list(
            @RestQuery Optional<String> cohort,
            @RestQuery
                    @DefaultValue("QUARANTINED")
                    @Pattern(
                            regexp = "QUARANTINED|RELEASED|MOVED|ANY",
                            message = "must be QUARANTINED, RELEASED, MOVED or ANY")
                    String state,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        return quarantine
                .list(cohort, Optional.of(state).filter(s -> !s.equals("ANY")), limit + 1, offset)
                .map(rows -> Page.byOffset(rows, limit, offset));
    }

    @GET
    @Path("/{device}")
    @Operation(summary = "A device's open case, or its last one, with the evidence")
    @APIResponse(
            responseCode = "200",
            description = "The case; its ETag is for If-Match",
            content = @Content(schema = @Schema(implementation = QuarantineView.class)))
    @APIResponse(responseCode = "404", description = "The device was never set apart")
    public Uni<Response> get(@RestPath String device) {
        return quarantine.find(device).map(QuarantineResource::answer);
    }

    @POST
    @Path("/{device}/release")
    @Operation(
            summary = "Lets a device back into its cohort",
            description =
                    "Its uploads are learnt from again, and those that waited as well. It is compared anew on what it"
                            + " sends from now on.")
    @APIResponse(
            responseCode = "200",
            description = "Released",
            content = @Content(schema = @Schema(implementation = QuarantineView.class)))
    @APIResponse(responseCode = "404", description = "The device was never set apart")
    @APIResponse(responseCode = "409", description = "The device is not set apart any more")
    @APIResponse(responseCode = "412", description = "If-Match does not name the present version")
    public Uni<Response> release(
            @RestPath String device,
            @Parameter(description = "The ETag of the case decided on") @RestHeader(HttpHeaders.IF_MATCH)
                    Optional<String> ifMatch) {
        return quarantine.release(device, ifMatch).map(QuarantineResource::answer);
    }

    @POST
    @Path("/{device}/move")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Moves a device set apart to another cohort, a new one if need be",
            description =
                    "A new cohort has the pair and the policy of the present one. What the device sent before stays"
                            + " where it is and is never learnt from.")
    @APIResponse(
            responseCode = "200",
            description = "Moved",
            content = @Content(schema = @Schema(implementation = QuarantineView.class)))
    @APIResponse(responseCode = "400", description = "The cohort's id is missing or is none")
    @APIResponse(responseCode = "404", description = "The device was never set apart")
    @APIResponse(responseCode = "409", description = "The device is not set apart any more, or is in another cohort")
    @APIResponse(responseCode = "412", description = "If-Match does not name the present version")
    public Uni<Response> move(
            @RestPath String device,
            @NotNull @Valid CohortChoice choice,
            @Parameter(description = "The ETag of the case decided on") @RestHeader(HttpHeaders.IF_MATCH)
                    Optional<String> ifMatch) {
        return quarantine.move(device, choice.cohort(), ifMatch).map(QuarantineResource::answer);
    }

    private static Response answer(QuarantineView view) {
        return Response.ok(view).tag(EntityTags.of(view.version())).build();
    }
}
