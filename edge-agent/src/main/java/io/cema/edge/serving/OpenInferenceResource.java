package io.cema.edge.serving;

import io.cema.edge.serving.OpenInference.Live;
import io.cema.edge.serving.OpenInference.ModelMetadata;
import io.cema.edge.serving.OpenInference.ModelReady;
import io.cema.edge.serving.OpenInference.Ready;
import io.cema.edge.serving.OpenInference.RepositoryEntry;
import io.cema.edge.serving.OpenInference.ServerMetadata;
import io.cema.edge.serving.OpenInference.TensorMetadata;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;

/**
 * The Open Inference Protocol, version 2, over REST: health and metadata; inference is {@link InferRoute}'s. What a model
 * goes by says {@link InferenceDesk}.
 */
@Path("/v2")
@Blocking
class OpenInferenceResource {
    private final InferenceDesk desk;

    OpenInferenceResource(InferenceDesk desk) {
        this.desk = desk;
    }

    @GET
    public ServerMetadata server() {
        return new ServerMetadata(ServerIdentity.NAME, ServerIdentity.VERSION, ServerIdentity.REST_EXTENSIONS);
    }

    @GET
    @Path("/health/live")
    public Live live() {
        return new Live(true);
    }

    @GET
    @Path("/health/ready")
    public Response ready() {
        boolean ready = desk.ready();
        return Response.status(ready ? 200 : 503).entity(new Ready(ready)).build();
    }

    /** What is served; the model repository extension's one question that makes sense of models that the cloud chooses. */
    @POST
    @Path("/repository/index")
    @Consumes(MediaType.WILDCARD)
    public List<RepositoryEntry> index() {
        return desk.all().stream()
                .map(signature -> new RepositoryEntry(signature.name(), signature.version(), "READY", ""))
                .toList();
    }

    @GET
    @Path("/models/{model}")
    public ModelMetadata model(@PathParam("model") String model) {
        return model(model, "");
    }

    @GET
    @Path("/models/{model}/versions/{version}")
    public ModelMetadata model(@PathParam("model") String model, @PathParam("version") String version) {
        ModelSignature signature = desk.describe(model, version);
        return new ModelMetadata(
                signature.name(),
                List.of(signature.version()),
                ModelSignature.PLATFORM,
                List.of(new TensorMetadata(signature.input(), InferenceCall.FP32, signature.inputShape())),
                List.of(new TensorMetadata(signature.output(), InferenceCall.FP32, signature.outputShape())));
    }

    @GET
    @Path("/models/{model}/ready")
    public ModelReady modelReady(@PathParam("model") String model) {
        return modelReady(model, "");
    }

    @GET
    @Path("/models/{model}/versions/{version}/ready")
    public ModelReady modelReady(@PathParam("model") String model, @PathParam("version") String version) {
        return new ModelReady(desk.describe(model, version).name(), true);
    }
}
