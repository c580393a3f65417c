package io.cema.cloud.adaptation;

import io.cema.cloud.http.Page;
import io.cema.cloud.http.ProblemException;
import io.smallrye.mutiny.Uni;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: versions with their judgement. */
@Path("/api/v1/updates")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Updates", description = "Versions of normalisation parameters: published and refused, metrics and lineage")
class UpdateResource {
    private final UpdateQueries queries;
    private final LayerMovements movements;
    private final String tenant;

    UpdateResource(
            UpdateQueries queries, LayerMovements movements, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.queries = queries;
        this.movements = movements;
        this.tenant = tenant;
    }

    @GET
    @Operation(summary = "A cohort's versions, newest first, refused ones included")
    @APIResponse(responseCode = "200", description = "A page of versions")
    @APIResponse(responseCode = "404", description = "No such cohort")
    public Uni<Page<UpdateView>> list(
            @NotNull @RestQuery String cohort,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        return queries.requireCohort(tenant, cohort)
                .chain(() -> queries.versions(tenant, cohort, limit + 1, offset))
                .map(rows -> Page.byOffset(rows, limit, offset));
    }

    @GET
    @Path("/{version}")
    @Operation(summary = "One version: metrics, lineage, size, publications")
    @APIResponse(responseCode = "200", description = "The version")
    @APIResponse(responseCode = "404", description = "No such version")
    public Uni<UpdateView> get(@RestPath String version) {
        return queries.version(tenant, version)
                .map(found -> found.orElseThrow(() -> ProblemException.notFound("there is no update " + version)));
    }

    @GET
    @Path("/{version}/layers")
    @Operation(
            operationId = "listUpdateLayers",
            summary = "Which normalisation layers a version moved, and how far, in the model's order")
    @APIResponse(responseCode = "200", description = "One entry per layer")
    @APIResponse(responseCode = "404", description = "No such version, or it was refused before it was encoded")
    public Uni<List<LayerMovement>> layers(@RestPath String version) {
        return movements.of(tenant, version);
    }
}
