package io.cema.cloud.adaptation;

import io.smallrye.mutiny.Uni;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;

/** What adaptation did: versions with their judgement, and the state of the loops. */
@Path("/api/v1/updates")
@Produces(MediaType.APPLICATION_JSON)
@Tag(
        name = "updates",
        description = "Versions of normalisation parameters: published and refused, with metrics and lineage")
public class UpdateResource {
    private final UpdateQueries queries;
    private final String tenant;

    UpdateResource(UpdateQueries queries, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.queries = queries;
        this.tenant = tenant;
    }

    @GET
    @Operation(summary = "A cohort's versions, newest first, refused ones included")
    @APIResponse(responseCode = "200", description = "a page of versions")
    @APIResponse(responseCode = "404", description = "no such cohort")
    public Uni<List<UpdateView>> updates(
            @NotNull @QueryParam("cohort") String cohort,
            @QueryParam("limit") @DefaultValue("100") @Min(1) @Max(1000) int limit,
            @QueryParam("offset") @DefaultValue("0") @Min(0) int offset) {
        return existing(cohort).chain(() -> queries.versions(tenant, cohort, limit, offset));
    }

    @GET
    @Path("/{version}")
    @Operation(summary = "One version: metrics, lineage, size, publications")
    @APIResponse(responseCode = "200", description = "the version")
    @APIResponse(responseCode = "404", description = "no such version")
    public Uni<UpdateView> update(@RestPath String version) {
        return queries.version(tenant, version)
                .map(found -> found.orElseThrow(() -> new NotFoundException("there is no update " + version)));
    }

    private Uni<Void> existing(String cohort) {
        return queries.cohortExists(tenant, cohort)
                .invoke(exists -> {
                    if (!exists) {
                        throw new NotFoundException("there is no cohort " + cohort);
                    }
                })
                .replaceWithVoid();
    }
}
