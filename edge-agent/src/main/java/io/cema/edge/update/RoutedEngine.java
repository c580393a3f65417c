package io.cema.edge.update;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceEngine;
import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.adaptation.Expert;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.image.ImageFeatures;
import io.cema.protocol.model.ModelManifest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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
     * The engine for an adaptation: of one affine the folded model itself.
     *
     * @param adaptation absolute
     * @throws io.cema.edge.inference.InferenceException if a folded model does not load; none is left open
     */
    static InferenceEngine open(
            Adaptation adaptation, AffineFolder folder, EngineFactory factory, ModelManifest manifest) {
        List<InferenceEngine> engines = new ArrayList<>();
        try {
            for (Expert expert : adaptation.experts()) {
                engines.add(factory.open(folder.fold(expert.affine())));
            }
        } catch (RuntimeException e) {
            engines.forEach(InferenceEngine::close);
            throw e;
        }
        return adaptation.mixed() ? new RoutedEngine(adaptation, manifest, engines) : engines.get(0);
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
        int[] chosen = new int[n];
        int[] counts = new int[engines.size()];
        for (int i = 0; i < n; i++) {
            chosen[i] = expert(Arrays.copyOfRange(batchInput, i * inputLength(), (i + 1) * inputLength()));
            counts[chosen[i]]++;
        }
        if (n > 0 && counts[chosen[0]] == n) {
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
