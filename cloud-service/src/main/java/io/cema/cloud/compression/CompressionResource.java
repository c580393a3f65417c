package io.cema.cloud.compression;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.cloud.http.Page;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.model.ArtefactStore;
import io.cema.cloud.model.ModelRegistry;
import io.cema.cloud.model.RegisteredModel;
import io.cema.cloud.model.SourceImages;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.multipart.FileUpload;

/** REST: compression jobs. */
@Path("/api/v1/compressions")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Compressions", description = "From a dense model to a 2:4 sparse, INT8 one")
class CompressionResource {
    private static final int MOST_NAME = 60;
    private static final String COMPRESSED = " compressed";

    private final CompressionJobs jobs;
    private final CompressionRepository repository;
    private final ModelRegistry models;
    private final ArtefactStore artefacts;
    private final String tenant;

    CompressionResource(
            CompressionJobs jobs,
            CompressionRepository repository,
            ModelRegistry models,
            ArtefactStore artefacts,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.jobs = jobs;
        this.repository = repository;
        this.models = models;
        this.artefacts = artefacts;
        this.tenant = tenant;
    }

    @POST
    @Blocking
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    @Operation(
            operationId = "compress",
            summary = "Starts a compression",
            description =
                    "`model` and `teacher` are digests of registered models. Part `images` holds unlabelled images:"
                            + " a ZIP of PNG or JPEG files, or records in the CIFAR-10 binary format; part `testImages` labelled"
                            + " ones in that format. `options` is a JSON object with any of the settings. The result is"
                            + " registered as a model.")
    @APIResponseSchema(value = CompressionJob.class, responseCode = "202", responseDescription = "Queued")
    @APIResponse(responseCode = "400", description = "A field is missing or wrong; the detail names it")
    @APIResponse(responseCode = "404", description = "One of the models is not registered")
    @APIResponse(responseCode = "422", description = "The images cannot be read")
    public Response start(
            @RestForm String model,
            @RestForm String teacher,
            @RestForm String name,
            @RestForm String options,
            @RestForm("images") FileUpload images,
            @RestForm("testImages") FileUpload testImages) {
        if (model == null || model.isBlank()) {
            throw ProblemException.invalid("`model` is missing: the digest of a registered model");
        }
        if (images == null) {
            throw ProblemException.invalid("the form has no part `images` with unlabelled images");
        }
        JsonNode settings = CompressionOptions.merged(options);
        RegisteredModel dense = models.find(tenant, model).await().indefinitely();
        Optional<String> master = Optional.ofNullable(teacher).filter(t -> !t.isBlank());
        master.ifPresent(t -> models.find(tenant, t).await().indefinitely());
        byte[] unlabelled = bytes(images);
        SourceImages.read("images", unlabelled);
        Optional<byte[]> labelled = Optional.ofNullable(testImages).map(CompressionResource::bytes);
        labelled.ifPresent(content -> SourceImages.readLabelled("testImages", content));
        CompressionJob job = jobs.submit(new CompressionJob(
                        UlidCreator.getUlid().toString(),
                        name(name, dense),
                        model,
                        master,
                        stored(unlabelled),
                        labelled.map(this::stored),
                        settings,
                        JobStatus.QUEUED,
                        "",
                        0,
                        "",
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Instant.now(),
                        Optional.empty(),
                        Optional.empty()))
                .await()
                .indefinitely();
        return Response.accepted(job)
                .location(URI.create("/api/v1/compressions/" + job.id()))
                .build();
    }

    @GET
    @Operation(summary = "Lists the compressions, newest first")
    public Uni<Page<CompressionJob>> list(
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        return repository.list(tenant, limit + 1, offset).map(rows -> Page.byOffset(rows, limit, offset));
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "One compression: progress, and at its end report and result")
    @APIResponse(responseCode = "200", description = "As far as it is")
    @APIResponse(responseCode = "404", description = "No such compression")
    public Uni<CompressionJob> get(@RestPath String id) {
        return repository.find(tenant, id);
    }

    @DELETE
    @Path("/{id}")
    @Operation(summary = "Cancels a compression that has not ended")
    @APIResponse(responseCode = "200", description = "Cancelled; it stops at its next step")
    @APIResponse(responseCode = "409", description = "It has ended")
    public Uni<CompressionJob> cancel(@RestPath String id) {
        return jobs.cancel(id);
    }

    @POST
    @Path("/{id}/restart")
    @Operation(summary = "Starts an interrupted, cancelled or failed compression again, from its beginning")
    @APIResponse(responseCode = "200", description = "Queued")
    @APIResponse(responseCode = "409", description = "It is open or done")
    public Uni<CompressionJob> restart(@RestPath String id) {
        return jobs.restart(id);
    }

    private static String name(String given, RegisteredModel dense) {
        String name =
                given == null || given.isBlank() ? shortened(dense.manifest().name()) + COMPRESSED : given.strip();
        if (name.length() > MOST_NAME) {
            throw ProblemException.invalid("`name` must have at most " + MOST_NAME + " characters");
        }
        return name;
    }

    private static String shortened(String name) {
        return name.substring(0, Math.min(name.length(), MOST_NAME - COMPRESSED.length()));
    }

    private String stored(byte[] content) {
        return artefacts.put(content).await().indefinitely().digest();
    }

    private static byte[] bytes(FileUpload upload) {
        try {
            return Files.readAllBytes(upload.uploadedFile());
        } catch (IOException e) {
            throw new UncheckedIOException("the uploaded file " + upload.fileName() + " cannot be read", e);
        }
    }
}
