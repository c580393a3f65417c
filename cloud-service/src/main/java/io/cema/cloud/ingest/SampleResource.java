package io.cema.cloud.ingest;

import io.cema.cloud.http.Page;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: uploaded images. */
@Path("/api/v1/samples")
@Tag(name = "Samples", description = "Images the devices uploaded")
class SampleResource {
    private final SampleArchive archive;
    private final String tenant;

    SampleResource(SampleArchive archive, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.archive = archive;
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
            description = "The image",
            content = @Content(mediaType = "image/png", schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(responseCode = "404", description = "No such sample")
    public byte[] image(@RestPath String device, @RestPath String id) {
        return archive.png(tenant, device, id);
    }
}
