package io.cema.cloud.model;

import io.cema.cloud.http.Page;
import io.cema.cloud.http.ProblemException;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.Consumes;
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
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.multipart.FileUpload;

/** REST: the model registry. */
@Path("/api/v1/models")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Models", description = "ONNX classifiers, by the SHA-256 of their file")
class ModelResource {
    private final ModelIntake intake;
    private final ModelRegistry models;
    private final String tenant;

    ModelResource(ModelIntake intake, ModelRegistry models, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.intake = intake;
        this.models = models;
        this.tenant = tenant;
    }

    @POST
    @Blocking
    @Consumes(MediaType.APPLICATION_OCTET_STREAM)
    @Operation(
            operationId = "registerModel",
            summary = "Registers an ONNX file",
            description = "Checks the graph, derives the manifest and stores both by digest. The same file again"
                    + " answers 200.")
    @APIResponseSchema(value = ModelView.class, responseCode = "201", responseDescription = "Registered")
    @APIResponse(
            responseCode = "200",
            description = "Was registered before",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = ModelView.class)))
    @APIResponse(responseCode = "409", description = "Registered before with other properties")
    @APIResponse(responseCode = "422", description = "Not an ONNX classifier that can be adapted; the detail names why")
    public Response register(
            byte[] onnx,
            @RestQuery @Parameter(description = "A person's name for it") String name,
            @RestQuery @Parameter(description = "Means of R, G, B on the 0..1 scale, separated by commas") String mean,
            @RestQuery @Parameter(description = "Deviations of R, G, B on the 0..1 scale") String std,
            @RestQuery @Parameter(description = "Class labels in order, separated by commas") String labels) {
        return answer(ModelUpload.of(onnx, name, mean, std, labels, Optional.empty()));
    }

    @POST
    @Blocking
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    @Operation(
            operationId = "registerModelWithCalibration",
            summary = "Registers an ONNX file, with source images if its normalisation was folded away",
            description = "Part `model` is the ONNX file. Part `calibration` holds a few hundred unlabelled source"
                    + " images: a ZIP of PNG or JPEG files, or records in the CIFAR-10 binary format.")
    public Response registerForm(
            @RestForm("model") FileUpload model,
            @RestForm("calibration") FileUpload calibration,
            @RestForm String name,
            @RestForm String mean,
            @RestForm String std,
            @RestForm String labels) {
        if (model == null) {
            throw ProblemException.invalid("the form has no part `model` with the ONNX file");
        }
        return answer(ModelUpload.of(
                bytes(model),
                name,
                mean,
                std,
                labels,
                Optional.ofNullable(calibration).map(ModelResource::bytes)));
    }

    @GET
    @Operation(summary = "Lists the models, newest first")
    public Uni<Page<ModelView>> list(
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit,
            @RestQuery @DefaultValue("0") @Min(0) int offset) {
        return models.list(tenant, limit + 1, offset)
                .map(rows -> Page.byOffset(rows.stream().map(ModelView::of).toList(), limit, offset));
    }

    @GET
    @Path("/{digest}")
    @Operation(summary = "One model with its manifest")
    @APIResponse(responseCode = "200", description = "The model")
    @APIResponse(responseCode = "404", description = "No such model")
    public Uni<ModelView> get(@RestPath String digest) {
        return models.find(tenant, digest).map(ModelView::of);
    }

    private Response answer(ModelUpload upload) {
        ModelIntake.Registration registration = intake.register(tenant, upload);
        ModelView view = ModelView.of(registration.model());
        return registration.isNew()
                ? Response.created(URI.create("/api/v1/models/" + view.digest()))
                        .entity(view)
                        .build()
                : Response.ok(view).build();
    }

    private static byte[] bytes(FileUpload upload) {
        try {
            return Files.readAllBytes(upload.uploadedFile());
        } catch (IOException e) {
            throw new UncheckedIOException("the uploaded file " + upload.fileName() + " cannot be read", e);
        }
    }
}
