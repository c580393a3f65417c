package io.cema.edge.serving;

import io.cema.edge.update.ActiveModel;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.protocol.model.ModelManifest;

/**
 * Takes requests of every protocol to the model in use: finds it, checks the request against it, runs it. A model goes by
 * its name or its digest; its version is the update folded in, or {@code base}. Any thread; blocks while the model runs.
 */
public final class InferenceDesk {
    private final ActiveModelHolder holder;

    public InferenceDesk(ActiveModelHolder holder) {
        this.holder = holder;
    }

    /** Whether any request can be answered. */
    public boolean ready() {
        return holder.present();
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
     * Answers a request from the model in use when it arrived.
     *
     * @throws InferenceRequestException if the request does not fit the model, or there is none
     */
    InferenceAnswer answer(InferenceCall call) {
        try (ActiveModelHolder.Lease lease = lease(call.model(), call.version())) {
            ModelSignature signature = ModelSignature.of(lease.model());
            int batch = signature.check(call);
            float[] logits = lease.model().engine().logits(call.inputs().get(0).values(), batch);
            return new InferenceAnswer(
                    signature.name(), signature.version(), signature.output(), batch, signature.classes(), logits);
        }
    }

    private ActiveModelHolder.Lease lease(String name, String version) {
        ActiveModelHolder.Lease lease = holder.lease().orElseThrow(InferenceRequestException::notReady);
        try {
            requireIdentity(lease.model(), name, version);
            return lease;
        } catch (InferenceRequestException e) {
            lease.close();
            throw e;
        }
    }

    private static void requireIdentity(ActiveModel model, String name, String version) {
        ModelManifest manifest = model.manifest();
        if (!name.equals(manifest.name()) && !name.equals(manifest.digest()) && !name.equals(manifest.shortDigest())) {
            throw InferenceRequestException.notFound(
                    "no model " + name + " here; in use is " + manifest.name() + " (" + manifest.digest() + ")");
        }
        String inUse = ModelSignature.version(model);
        if (!version.isEmpty() && !version.equals(inUse)) {
            throw InferenceRequestException.notFound(
                    "model " + name + " has no version " + version + " here; in use is " + inUse);
        }
    }
}
