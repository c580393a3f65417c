package io.cema.cloud.truth;

import io.cema.cloud.event.Actor;
import io.cema.cloud.http.EntityTags;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
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

/** REST: what a person says an upload shows. */
@Path("/api/v1/samples/{device}/{id}/label")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Truth")
class LabelResource {
    private final Labels labels;

    LabelResource(Labels labels) {
        this.labels = labels;
    }

    @GET
    @Operation(summary = "A sample's label")
    @APIResponse(
            responseCode = "200",
            description = "The label; its ETag is for If-Match",
            content = @Content(schema = @Schema(implementation = LabelView.class)))
    @APIResponse(responseCode = "404", description = "No such sample, or nobody labelled it")
    public Uni<Response> get(@RestPath String device, @RestPath String id) {
        return labels.find(device, id).map(LabelResource::answer);
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Labels a sample, or labels it anew",
            description = "Labels are for measuring alone: nothing is ever learnt from them.")
    @APIResponse(
            responseCode = "200",
            description = "The label",
            content = @Content(schema = @Schema(implementation = LabelView.class)))
    @APIResponse(responseCode = "400", description = "The class is missing or negative")
    @APIResponse(responseCode = "404", description = "No such sample")
    @APIResponse(responseCode = "412", description = "If-Match does not name the present version")
    @APIResponse(responseCode = "422", description = "The sample's model has no such class")
    public Uni<Response> put(
            @RestPath String device,
            @RestPath String id,
            @NotNull @Valid NewLabel label,
            @Parameter(description = "The ETag of the label to replace") @RestHeader(HttpHeaders.IF_MATCH)
                    Optional<String> ifMatch,
            @Context RoutingContext request) {
        return labels.put(device, id, label.shown(), Actor.of(request).who(), ifMatch)
                .map(LabelResource::answer);
    }

    @DELETE
    @Operation(summary = "Takes a label back", description = "Nothing happens if there is none.")
    @APIResponse(responseCode = "204", description = "The sample has no label now")
    @APIResponse(responseCode = "404", description = "No such sample")
    @APIResponse(responseCode = "412", description = "If-Match does not name the present version")
    public Uni<Void> delete(
            @RestPath String device,
            @RestPath String id,
            @Parameter(description = "The ETag of the label to take back") @RestHeader(HttpHeaders.IF_MATCH)
                    Optional<String> ifMatch) {
        return labels.delete(device, id, ifMatch);
    }

    private static Response answer(LabelView label) {
        return Response.ok(label).tag(EntityTags.of(label.version())).build();
    }
}
