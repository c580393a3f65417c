package io.cema.edge.serving;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.cema.edge.frame.Frame;
import io.cema.edge.inference.Prediction;
import io.cema.edge.serving.InferenceDesk.ClassifiedPhoto;
import io.cema.edge.serving.ServedImages.Photo;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.model.ModelManifest;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.util.Optional;

/** One image file in, one class out, by the model that the query names, or the only one. */
@Path("/v1/classify")
class ClassifyResource {
    private final InferenceDesk desk;
    private final ServingLimits limits;

    ClassifyResource(InferenceDesk desk, ServingLimits limits) {
        this.desk = desk;
        this.limits = limits;
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
    @NonBlocking
    public Uni<Classification> classify(
            @HeaderParam("Content-Type") String type, @QueryParam("model") String model, byte[] file) {
        limits.requireSize(file.length);
        ImageFormat format = type.startsWith("image/png") ? ImageFormat.PNG : ImageFormat.JPEG;
        return Uni.createFrom()
                .item(() -> photo(format, file))
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                .chain(photo ->
                        Uni.createFrom().completionStage(() -> desk.classify(photo, Optional.ofNullable(model))))
                .map(ClassifyResource::classification);
    }

    private static Photo photo(ImageFormat format, byte[] file) {
        try {
            return new Photo(ImageCodec.decode(format, file), new Frame.Encoded(format, file));
        } catch (IllegalArgumentException e) {
            throw InferenceRequestException.badRequest(e.getMessage());
        }
    }

    private static Classification classification(ClassifiedPhoto photo) {
        ModelManifest manifest = photo.manifest();
        Prediction prediction = photo.prediction();
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
                photo.origin().update());
    }
}
