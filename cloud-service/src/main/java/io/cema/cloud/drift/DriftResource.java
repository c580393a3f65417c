package io.cema.cloud.drift;

import io.cema.cloud.http.Page;
import io.smallrye.mutiny.Uni;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: how the watch for drift stands. What it finds are alarms. */
@Path("/api/v1/drift")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Drift", description = "How far what devices answer and see lies from what is usual for them")
class DriftResource {
    private final DriftDesk desk;

    DriftResource(DriftDesk desk) {
        this.desk = desk;
    }

    @GET
    @Operation(
            operationId = "listDriftStreams",
            summary = "Lists what is watched, by cohort, device and signal",
            description = "A cohort as a whole has no device. What has drifted is an alarm of type DRIFT.")
    @APIResponse(responseCode = "200", description = "A page of streams")
    @APIResponse(responseCode = "400", description = "The page's limits are wrong")
    public Uni<Page<DriftView>> list(
            @RestQuery Optional<String> cohort,
            @RestQuery Optional<String> device,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        return desk.list(cohort, device, limit + 1, offset).map(rows -> Page.byOffset(rows, limit, offset));
    }

    @POST
    @Path("/baselines")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "resetDriftBaseline",
            summary = "Says that the present is the usual",
            description = "References are learnt anew from what comes now, and alarms of drift are cleared.")
    @APIResponse(responseCode = "204", description = "It is learnt anew")
    @APIResponse(responseCode = "400", description = "The cohort is missing, or an id is none")
    @APIResponse(responseCode = "404", description = "There is no such cohort")
    public Uni<Void> reset(@NotNull @Valid NewBaseline baseline) {
        return desk.reset(baseline);
    }
}
