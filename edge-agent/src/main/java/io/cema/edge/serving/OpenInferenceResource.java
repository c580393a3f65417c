package io.cema.edge.serving;

import com.fasterxml.jackson.databind.JsonNode;
import io.cema.edge.serving.OpenInference.InferRequest;
import io.cema.edge.serving.OpenInference.InferResponse;
import io.cema.edge.serving.OpenInference.InputTensor;
import io.cema.edge.serving.OpenInference.Live;
import io.cema.edge.serving.OpenInference.ModelMetadata;
import io.cema.edge.serving.OpenInference.ModelReady;
import io.cema.edge.serving.OpenInference.OutputTensor;
import io.cema.edge.serving.OpenInference.Ready;
import io.cema.edge.serving.OpenInference.ServerMetadata;
import io.cema.edge.serving.OpenInference.TensorMetadata;
import io.cema.edge.update.ActiveModel;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.protocol.model.ModelManifest;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.List;

/**
 * The Open Inference Protocol, version 2, over REST: health, metadata, inference on FP32 tensors in JSON. A model goes by
 * its name or its digest; its version is the update in use, or {@code base}. Inference runs on worker threads.
 */
@Path("/v2")
@Blocking
class OpenInferenceResource {
    private static final int MAX_BATCH = 256;
    private static final String FP32 = "FP32";

    private final ActiveModelHolder holder;

    OpenInferenceResource(ActiveModelHolder holder) {
        this.holder = holder;
    }

    @GET
    public ServerMetadata server() {
        return new ServerMetadata("cema-edge-agent", "0.1.0", List.of("cema"));
    }

    @GET
    @Path("/health/live")
    public Live live() {
        return new Live(true);
    }

    @GET
    @Path("/health/ready")
    public Response ready() {
        boolean ready = holder.present();
        return Response.status(ready ? 200 : 503).entity(new Ready(ready)).build();
    }

    @GET
    @Path("/models/{model}")
    public ModelMetadata model(@PathParam("model") String name) {
        try (ActiveModelHolder.Lease lease = lease(name)) {
            ModelManifest manifest = lease.model().manifest();
            return new ModelMetadata(
                    manifest.name(),
                    List.of(version(lease.model())),
                    "onnx",
                    List.of(new TensorMetadata(
                            manifest.inputName(), FP32, List.of(-1, 3, manifest.height(), manifest.width()))),
                    List.of(new TensorMetadata(manifest.outputName(), FP32, List.of(-1, manifest.classes()))));
        }
    }

    @GET
    @Path("/models/{model}/ready")
    public ModelReady modelReady(@PathParam("model") String name) {
        try (ActiveModelHolder.Lease lease = lease(name)) {
            return new ModelReady(lease.model().manifest().name(), true);
        }
    }

    @POST
    @Path("/models/{model}/infer")
    public InferResponse infer(@PathParam("model") String name, InferRequest request) {
        try (ActiveModelHolder.Lease lease = lease(name)) {
            ActiveModel model = lease.model();
            ModelManifest manifest = model.manifest();
            InputTensor input = onlyInput(request);
            int batch = batchOf(input, manifest);
            float[] logits =
                    model.engine().logits(floats(input, batch * model.engine().inputLength()), batch);
            return new InferResponse(
                    manifest.name(),
                    version(model),
                    request.id(),
                    List.of(new OutputTensor(manifest.outputName(), List.of(batch, manifest.classes()), FP32, logits)));
        }
    }

    private ActiveModelHolder.Lease lease(String name) {
        ActiveModelHolder.Lease lease = holder.lease().orElseThrow(InferenceRequestException::notReady);
        ModelManifest manifest = lease.model().manifest();
        if (!name.equals(manifest.name()) && !name.equals(manifest.digest()) && !name.equals(manifest.shortDigest())) {
            lease.close();
            throw InferenceRequestException.notFound(
                    "no model " + name + " here; in use is " + manifest.name() + " (" + manifest.digest() + ")");
        }
        return lease;
    }

    private static InputTensor onlyInput(InferRequest request) {
        if (request == null || request.inputs() == null || request.inputs().size() != 1) {
            throw InferenceRequestException.badRequest("the request needs exactly one tensor under \"inputs\"");
        }
        return request.inputs().get(0);
    }

    private static int batchOf(InputTensor input, ModelManifest manifest) {
        List<Integer> wanted = List.of(3, manifest.height(), manifest.width());
        if (!manifest.inputName().equals(input.name())) {
            throw InferenceRequestException.badRequest(
                    "input is named " + input.name() + ", the model's is " + manifest.inputName());
        }
        if (!FP32.equals(input.datatype())) {
            throw InferenceRequestException.badRequest(
                    "input " + input.name() + " has datatype " + input.datatype() + ", needs FP32");
        }
        List<Integer> shape = input.shape();
        if (shape == null
                || shape.size() != 4
                || !shape.subList(1, 4).equals(wanted)
                || shape.get(0) == null
                || shape.get(0) < 1
                || shape.get(0) > MAX_BATCH) {
            throw InferenceRequestException.badRequest("input " + input.name() + " has shape " + shape + ", needs [1.."
                    + MAX_BATCH + ", 3, " + manifest.height() + ", " + manifest.width() + "]");
        }
        return shape.get(0);
    }

    private static float[] floats(InputTensor input, int count) {
        float[] values = new float[count];
        int found = fill(input, input.data(), values, 0);
        if (found != count) {
            throw InferenceRequestException.badRequest(
                    "input " + input.name() + " carries " + found + " values, its shape needs " + count);
        }
        return values;
    }

    private static int fill(InputTensor input, JsonNode node, float[] values, int from) {
        if (node == null || !node.isArray()) {
            throw InferenceRequestException.badRequest("input " + input.name() + " carries no array under \"data\"");
        }
        int next = from;
        for (JsonNode element : node) {
            if (element.isArray()) {
                next = fill(input, element, values, next);
            } else if (!element.isNumber() || next == values.length) {
                throw InferenceRequestException.badRequest("input " + input.name()
                        + (element.isNumber() ? " carries more values than its shape needs" : " carries " + element));
            } else {
                values[next++] = element.floatValue();
            }
        }
        return next;
    }

    private static String version(ActiveModel model) {
        String update = model.origin().update();
        return update.isEmpty() ? "base" : update;
    }
}
