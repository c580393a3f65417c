package io.cema.cloud.ingest;

import io.cema.cloud.event.Actor;
import io.cema.cloud.http.Page;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.http.QueryTime;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.CacheControl;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: uploaded images. */
@Path("/api/v1/samples")
@Tag(name = "Samples", description = "Images the devices uploaded")
class SampleResource {
    private final SampleArchive archive;
    private final SampleErasure erasure;
    private final String tenant;

    SampleResource(SampleArchive archive, SampleErasure erasure, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.archive = archive;
        this.erasure = erasure;
        this.tenant = tenant;
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "Lists samples without their pixels, newest first")
    public Uni<Page<SampleView>> list(
            @RestQuery Optional<String> cohort,
            @RestQuery Optional<String> device,
            @RestQuery @DefaultValue("9223372036854775807") long before,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit) {
        return archive.list(tenant, cohort, device, before, limit + 1)
                .map(rows -> Page.byNumber(rows, limit, SampleView::ordinal));
    }

    @GET
    @Path("/{device}/{id}")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "One sample without its pixels")
    @APIResponse(responseCode = "200", description = "The sample")
    @APIResponse(responseCode = "404", description = "No such sample")
    public Uni<SampleView> get(@RestPath String device, @RestPath String id) {
        return archive.find(tenant, device, id);
    }

    @GET
    @Path("/{device}/{id}/image")
    @Blocking
    @Produces("image/png")
    @Operation(operationId = "getSampleImage", summary = "A sample's image as PNG, whatever it was uploaded as")
    @APIResponse(
            responseCode = "200",
            description = "The image; who looked is in the audit log before it is served",
            content = @Content(mediaType = "image/png", schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(responseCode = "404", description = "No such sample, or its image is gone")
    public Response image(@RestPath String device, @RestPath String id) {
        CacheControl nowhere = new CacheControl();
        nowhere.setNoStore(true);
        return Response.ok(archive.png(tenant, device, id))
                .cacheControl(nowhere)
                .build();
    }

    @DELETE
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "eraseSamples",
            summary = "Erases samples by device or cohort, and time",
            description =
                    "Images, labels, parts that were not complete and dead letters included. Samples go if they were"
                            + " taken or received in the time; when the image in a part or a dead letter was taken is not known,"
                            + " so these go from `from` on. What a device has not delivered yet comes later: erase again. May be"
                            + " repeated.")
    @APIResponse(responseCode = "200", description = "How much was erased; nothing of it is left")
    @APIResponse(responseCode = "400", description = "Neither a device nor a cohort is named, or a time is none")
    public Uni<Erased> erase(
            @RestQuery @Parameter(example = "camera-7") Optional<String> device,
            @RestQuery @Parameter(example = "fog-east") Optional<String> cohort,
            @RestQuery @Parameter(description = "Not before, 2026-01-31T12:00:00Z") Optional<String> from,
            @RestQuery @Parameter(description = "Before") Optional<String> until,
            @Context RoutingContext request) {
        if (device.isEmpty() && cohort.isEmpty()) {
            throw ProblemException.invalid("name the `device` or the `cohort` whose samples are to be erased");
        }
        ErasureScope scope =
                new ErasureScope.Of(device, cohort, QueryTime.parse("from", from), QueryTime.parse("until", until));
        return erasure.erase(tenant, scope, Actor.of(request));
    }
}
