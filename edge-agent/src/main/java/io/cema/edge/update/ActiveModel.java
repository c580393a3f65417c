package io.cema.edge.update;

import io.cema.edge.inference.InferenceEngine;
import io.cema.protocol.model.ModelManifest;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A model in use: an engine with one update folded in. Immutable but for its count of users; the engine is closed when
 * the holder and the last request have let go of it. Reached through {@link ActiveModelHolder#lease()} only, so that no
 * one runs a closed engine.
 */
public final class ActiveModel {
    private final InferenceEngine engine;
    private final ModelManifest manifest;
    private final ModelOrigin origin;
    /** Recent time of a run over its images; 0 before the first. */
    private volatile long nanosPerImage;
    /** Users, the holder included; 0 means closed. */
    private final AtomicInteger users = new AtomicInteger(1);

    /** @param engine owned by this model from now on */
    public ActiveModel(InferenceEngine engine, ModelManifest manifest, ModelOrigin origin) {
        if (engine.classes() != manifest.classes()) {
            throw new IllegalArgumentException("model " + manifest.name() + ": manifest says " + manifest.classes()
                    + " classes, the engine " + engine.classes());
        }
        int inputLength = 3 * manifest.height() * manifest.width();
        if (engine.inputLength() != inputLength) {
            throw new IllegalArgumentException("model " + manifest.name() + ": manifest says " + inputLength
                    + " input values, the engine " + engine.inputLength());
        }
        this.engine = engine;
        this.manifest = manifest;
        this.origin = origin;
    }

    public InferenceEngine engine() {
        return engine;
    }

    /** {@link InferenceEngine#logits} of this model's engine, timed for {@link #expectedNanos}. */
    public float[] logits(float[] batchInput, int n) {
        long started = System.nanoTime();
        float[] logits = engine.logits(batchInput, n);
        long took = Math.max(1, (System.nanoTime() - started) / n);
        long before = nanosPerImage;
        // Two at once may lose one of the two; it is an estimate.
        nanosPerImage = before == 0 ? took : before + (took - before) / 8;
        return logits;
    }

    /** How long a run of that many images takes, from recent runs; {@link Long#MAX_VALUE} before the first. */
    public long expectedNanos(int n) {
        long known = nanosPerImage;
        return known == 0 ? Long.MAX_VALUE : n * known;
    }

    public ModelManifest manifest() {
        return manifest;
    }

    public ModelOrigin origin() {
        return origin;
    }

    boolean retain() {
        int count = users.get();
        while (count > 0) {
            if (users.compareAndSet(count, count + 1)) {
                return true;
            }
            count = users.get();
        }
        return false;
    }

    void release() {
        if (users.decrementAndGet() == 0) {
            engine.close();
        }
    }
}
