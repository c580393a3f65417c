package io.cema.edge.serving;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.cema.edge.inference.Prediction;
import io.cema.edge.update.ActiveModel;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.model.ModelManifest;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;

/** One image file in, one class out, by the model in use. Runs on worker threads. */
@Path("/v1/classify")
@Blocking
class ClassifyResource {
    private final ActiveModelHolder holder;

    ClassifyResource(ActiveModelHolder holder) {
        this.holder = holder;
    }

    /**
     * The answer.
     *
     * @param label the class's label, or its index where the model names none
     * @param entropy nats
     */
    record Classification(
            @JsonProperty("class") int predictedClass,
            String label,
            double confidence,
            double entropy,
            float[] probabilities,
            @JsonProperty("model_digest") String modelDigest,
            String update) {}

    @POST
    @Consumes({"image/png", "image/jpeg"})
    public Classification classify(@HeaderParam("Content-Type") String type, byte[] file) {
        ImageFormat format = type.startsWith("image/png") ? ImageFormat.PNG : ImageFormat.JPEG;
        Image image;
        try {
            image = ImageCodec.decode(format, file);
        } catch (IllegalArgumentException e) {
            throw InferenceRequestException.badRequest(e.getMessage());
        }
        try (ActiveModelHolder.Lease lease = holder.lease().orElseThrow(InferenceRequestException::notReady)) {
            ActiveModel model = lease.model();
            ModelManifest manifest = model.manifest();
            float[] input = ImageCodec.toTensor(image, manifest.height(), manifest.width(), manifest.preprocessing());
            Prediction prediction = Prediction.fromLogits(model.engine().logits(input, 1));
            int predicted = prediction.predictedClass();
            return new Classification(
                    predicted,
                    manifest.labels().isEmpty()
                            ? Integer.toString(predicted)
                            : manifest.labels().get(predicted),
                    prediction.confidence(),
                    prediction.entropy(),
                    prediction.probabilities(),
                    manifest.digest(),
                    model.origin().update());
        }
    }
}
