package io.cema.edge.serving;

import io.cema.edge.inference.Prediction;
import io.cema.edge.serving.ServedImages.Photo;
import io.cema.edge.serving.ServedImages.Served;
import io.cema.edge.serving.batch.BatchRefusedException;
import io.cema.edge.serving.batch.MicroBatcher;
import io.cema.edge.update.ActiveModel;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.edge.update.ActiveModels;
import io.cema.edge.update.ModelOrigin;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.model.ModelManifest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/**
 * Takes requests of every protocol to a model in use: finds it, checks the request against it, has it run, and hands
 * what was answered on to be learnt from. A model goes by its name or its digest; its version is the update folded in, or
 * {@code base}. Any thread; nothing here waits.
 */
public final class InferenceDesk {
    private final ActiveModels models;
    private final MicroBatcher batcher;
    private final ServedImages learners;

    public InferenceDesk(ActiveModels models, MicroBatcher batcher, ServedImages learners) {
        this.models = models;
        this.batcher = batcher;
        this.learners = learners;
    }

    /** Whether any model can answer. */
    public boolean ready() {
        return models.present();
    }

    /**
     * Describes the model in use.
     *
     * @param version wanted version, empty for any
     * @throws InferenceRequestException if it is not the one asked for, or none is in use
     */
    public ModelSignature describe(String name, String version) {
        try (ActiveModelHolder.Lease lease = lease(name, version)) {
            return ModelSignature.of(lease.model());
        }
    }

    /**
     * Answers a request from the model in use when it came.
     *
     * @return the answer, or an InferenceException if the model fails on it, or an {@link InferenceRequestException} if
     *     the agent stops first
     * @throws InferenceRequestException if the request does not fit the model, there is none, or too many wait
     */
    public CompletionStage<InferenceAnswer> answer(InferenceCall call) {
        ActiveModelHolder.Lease lease = lease(call.model(), call.version());
        ModelSignature signature = ModelSignature.of(lease.model());
        int batch;
        try {
            batch = signature.check(call);
        } catch (InferenceRequestException e) {
            lease.close();
            throw e;
        }
        return run(lease, Optional.empty(), call.inputs().get(0).values(), batch)
                .thenApply(logits -> new InferenceAnswer(
                        signature.name(), signature.version(), signature.output(), batch, signature.classes(), logits));
    }

    /**
     * The same for a photo, whatever its size.
     *
     * @param name of the model; empty for the only one
     */
    CompletionStage<ClassifiedPhoto> classify(Photo photo, Optional<String> name) {
        ActiveModelHolder.Lease lease =
                name.isPresent() ? lease(name.get(), "") : only().orElseThrow(InferenceRequestException::notReady);
        ActiveModel model = lease.model();
        ModelManifest manifest = model.manifest();
        float[] input;
        try {
            input = ImageCodec.toTensor(photo.image(), manifest.height(), manifest.width(), manifest.preprocessing());
        } catch (RuntimeException e) {
            lease.close();
            throw e;
        }
        return run(lease, Optional.of(photo), input, 1)
                .thenApply(logits -> new ClassifiedPhoto(Prediction.fromLogits(logits), manifest, model.origin()));
    }

    /**
     * What a photo shows.
     *
     * @param origin of the model that says so
     */
    record ClassifiedPhoto(Prediction prediction, ModelManifest manifest, ModelOrigin origin) {}

    private CompletionStage<float[]> run(
            ActiveModelHolder.Lease lease, Optional<Photo> photo, float[] input, int images) {
        long started = System.nanoTime();
        ModelManifest manifest = lease.model().manifest();
        ModelOrigin origin = lease.model().origin();
        CompletionStage<float[]> answer;
        try {
            answer = batcher.submit(lease, input, images);
        } catch (BatchRefusedException e) {
            throw refused(e);
        }
        return answer.whenComplete((logits, failure) -> {
                    if (failure == null) {
                        double latency = (System.nanoTime() - started) / 1e6;
                        learners.served(new Served(photo, input, logits, images, manifest, origin, latency));
                    }
                })
                .exceptionallyCompose(e -> CompletableFuture.failedFuture(reason(e)));
    }

    private static Throwable reason(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof BatchRefusedException refused ? refused(refused) : cause;
    }

    private static InferenceRequestException refused(BatchRefusedException e) {
        return new InferenceRequestException(
                e.reason() == BatchRefusedException.Cause.QUEUE_FULL ? Refusal.BUSY : Refusal.UNAVAILABLE,
                e.getMessage());
    }

    /** Also where the others are still on their way: which one answers must not depend on which came first. */
    private Optional<ActiveModelHolder.Lease> only() {
        if (models.places().size() > 1) {
            throw InferenceRequestException.badRequest("this agent serves "
                    + models.places().size() + " models; the query parameter model says which: " + inUse());
        }
        return models.holder(Optional.empty()).flatMap(ActiveModelHolder::lease);
    }

    private ActiveModelHolder.Lease lease(String name, String version) {
        ActiveModelHolder.Lease lease = models.lease(name).orElseThrow(() -> unknown(name));
        String inUse = ModelSignature.version(lease.model());
        if (!version.isEmpty() && !version.equals(inUse)) {
            lease.close();
            throw InferenceRequestException.notFound(
                    "model " + name + " has no version " + version + " here; in use is " + inUse);
        }
        return lease;
    }

    private InferenceRequestException unknown(String name) {
        if (!models.present()) {
            return InferenceRequestException.notReady();
        }
        return models.ambiguous(name)
                ? InferenceRequestException.badRequest(
                        "several models are named " + name + "; use a digest: " + inUse())
                : InferenceRequestException.notFound("no model " + name + " here; in use is " + inUse());
    }

    /** The models in use as a person sees them. */
    private String inUse() {
        return models.places().stream()
                .map(place -> place.holder().lease())
                .flatMap(Optional::stream)
                .map(lease -> {
                    try (lease) {
                        ModelManifest manifest = lease.model().manifest();
                        return manifest.name() + " (" + manifest.digest() + ")";
                    }
                })
                .collect(Collectors.joining(", "));
    }

    /** What there is, in the order of the slots. */
    List<ModelSignature> all() {
        return models.places().stream()
                .map(place -> place.holder().lease())
                .flatMap(Optional::stream)
                .map(lease -> {
                    try (lease) {
                        return ModelSignature.of(lease.model());
                    }
                })
                .toList();
    }
}
