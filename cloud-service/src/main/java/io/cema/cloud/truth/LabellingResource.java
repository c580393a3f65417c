package io.cema.cloud.truth;

import io.smallrye.mutiny.Uni;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: what a person labels next. */
@Path("/api/v1/labelling")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Truth", description = "Labels of uploads drawn at random, and the accuracy they prove")
class LabellingResource {
    private final Labels labels;

    LabellingResource(Labels labels) {
        this.labels = labels;
    }

    @GET
    @Path("/next")
    @Operation(
            operationId = "nextSampleToLabel",
            summary = "An upload to label",
            description =
                    "Drawn at random from the cohort's newest 1,000 uploads that were drawn at random themselves and"
                            + " that nobody has labelled. Two persons may get the same; the later label counts.")
    @APIResponse(
            responseCode = "200",
            description = "What to label",
            content = @Content(schema = @Schema(implementation = LabellingTask.class)))
    @APIResponse(responseCode = "204", description = "There is nothing to label")
    @APIResponse(responseCode = "400", description = "No cohort is named")
    @APIResponse(responseCode = "404", description = "No such cohort")
    public Uni<Response> next(@NotNull @RestQuery String cohort) {
        return labels.next(cohort)
                .map(task ->
                        task.map(Response::ok).orElseGet(Response::noContent).build());
    }
}
