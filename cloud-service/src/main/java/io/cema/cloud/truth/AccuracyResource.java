package io.cema.cloud.truth;

import io.cema.cloud.http.Page;
import io.cema.cloud.http.QueryTime;
import io.smallrye.mutiny.Uni;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: how right a cohort's devices are. */
@Path("/api/v1/cohorts/{id}/accuracy")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Truth")
class AccuracyResource {
    /** What stands for the registered model, since an empty parameter is easily lost. */
    private static final String BASE = "base";

    private final Accuracies accuracies;

    AccuracyResource(Accuracies accuracies) {
        this.accuracies = accuracies;
    }

    @GET
    @Operation(
            summary = "A cohort's true accuracy per update version, the one used last first",
            description =
                    "From uploads that were drawn at random and labelled by persons, with its 95 % Wilson interval,"
                            + " beside the proxies that need no labels.")
    @APIResponse(responseCode = "200", description = "A page of versions")
    @APIResponse(responseCode = "400", description = "A parameter is out of its range, or `since` is no time")
    @APIResponse(responseCode = "404", description = "No such cohort")
    public Uni<Page<AccuracyView>> list(
            @RestPath String id,
            @RestQuery @Parameter(description = "Received not before, 2026-01-31T12:00:00Z") Optional<String> since,
            @RestQuery @Parameter(description = "One version alone; `base` is the registered model")
                    Optional<String> version,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        Optional<String> wanted = version.map(v -> v.equals(BASE) ? "" : v);
        return accuracies
                .list(id, QueryTime.parse("since", since), wanted, limit + 1, offset)
                .map(rows -> Page.byOffset(rows, limit, offset));
    }
}
