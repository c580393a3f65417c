package io.cema.cloud.adaptation;

import io.smallrye.mutiny.Uni;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: the state of the adaptation loops. */
@Path("/api/v1/loops")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Loops", description = "The adaptation loops of the cohorts")
class LoopResource {
    private final UpdateQueries queries;
    private final String tenant;

    LoopResource(UpdateQueries queries, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.queries = queries;
        this.tenant = tenant;
    }

    @GET
    @Operation(summary = "The cohort's loops: status, step, lease holder, revision")
    @APIResponse(responseCode = "200", description = "One entry per edge model")
    @APIResponse(responseCode = "404", description = "No such cohort")
    public Uni<List<AdaptationView>> list(@NotNull @RestQuery String cohort) {
        return queries.requireCohort(tenant, cohort).chain(() -> queries.loops(tenant, cohort));
    }
}
