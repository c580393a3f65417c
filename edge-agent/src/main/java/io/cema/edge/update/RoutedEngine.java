package io.cema.edge.update;

import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.InferenceException;
import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.adaptation.Expert;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.image.ImageFeatures;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.ModelManifest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Several folded models as one: each image goes to the expert for what looks like it. What looks like no picture (a value
 * outside 0..255) goes to the first. Thread-safe if its engines are.
 */
final class RoutedEngine implements InferenceEngine {
    private final Adaptation adaptation;
    private final ModelManifest manifest;
    /** One per expert. */
    private final List<InferenceEngine> engines;

    private RoutedEngine(Adaptation adaptation, ModelManifest manifest, List<InferenceEngine> engines) {
        this.adaptation = adaptation;
        this.manifest = manifest;
        this.engines = engines;
    }

    /**
     * The engine for an adaptation: of one affine that of the folded model itself.
     *
     * @param adaptation absolute
     * @param opening gives the engine of an affine
     * @throws InferenceException if an engine does not open; none is left open
     */
    static InferenceEngine open(
            Adaptation adaptation, ModelManifest manifest, Function<AffineParameters, InferenceEngine> opening) {
        if (!adaptation.mixed()) {
            return opening.apply(adaptation.first());
        }
        List<InferenceEngine> engines = new ArrayList<>();
        try {
            for (Expert expert : adaptation.experts()) {
                engines.add(opening.apply(expert.affine()));
            }
        } catch (RuntimeException e) {
            engines.forEach(InferenceEngine::close);
            throw e instanceof InferenceException
                    ? new InferenceException("expert " + engines.size() + ": " + e.getMessage(), e)
                    : e;
        }
        return new RoutedEngine(adaptation, manifest, engines);
    }

    @Override
    public String name() {
        return engines.get(0).name();
    }

    @Override
    public int inputLength() {
        return engines.get(0).inputLength();
    }

    @Override
    public int classes() {
        return engines.get(0).classes();
    }

    @Override
    public float[] logits(float[] batchInput, int n) {
        if (n < 1 || batchInput.length != (long) n * inputLength()) {
            throw new InferenceException(
                    "a batch of " + n + " needs " + (long) n * inputLength() + " floats, has " + batchInput.length);
        }
        int[] chosen = new int[n];
        int[] counts = new int[engines.size()];
        for (int i = 0; i < n; i++) {
            chosen[i] = expert(
                    n == 1 ? batchInput : Arrays.copyOfRange(batchInput, i * inputLength(), (i + 1) * inputLength()));
            counts[chosen[i]]++;
        }
        if (counts[chosen[0]] == n) {
            return engines.get(chosen[0]).logits(batchInput, n);
        }
        float[] logits = new float[n * classes()];
        for (int expert = 0; expert < counts.length; expert++) {
            if (counts[expert] > 0) {
                run(expert, batchInput, chosen, counts[expert], logits);
            }
        }
        return logits;
    }

    private int expert(float[] input) {
        return ImageCodec.fromTensor(input, manifest.height(), manifest.width(), manifest.preprocessing())
                .map(ImageFeatures::of)
                .map(adaptation::choose)
                .orElse(0);
    }

    private void run(int expert, float[] batchInput, int[] chosen, int count, float[] logits) {
        float[] input = new float[count * inputLength()];
        int row = 0;
        for (int i = 0; i < chosen.length; i++) {
            if (chosen[i] == expert) {
                System.arraycopy(batchInput, i * inputLength(), input, row++ * inputLength(), inputLength());
            }
        }
        float[] rows = engines.get(expert).logits(input, count);
        row = 0;
        for (int i = 0; i < chosen.length; i++) {
            if (chosen[i] == expert) {
                System.arraycopy(rows, row++ * classes(), logits, i * classes(), classes());
            }
        }
    }

    @Override
    public void close() {
        engines.forEach(InferenceEngine::close);
    }
}
