package io.cema.bench.training;

import io.cema.bench.corruption.Corruption;
import io.cema.bench.image.ImageSet;
import io.cema.bench.image.LabelledImage;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.Prediction;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.model.Preprocessing;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The share of images a model gets right. */
public final class Accuracy {
    private static final int BATCH = 100;

    private Accuracy() {}

    /**
     * @param side pixels of the model's input
     * @return 0 to 1
     */
    public static double of(InferenceEngine engine, ImageSet images, int side, Preprocessing preprocessing) {
        int right = 0;
        for (int start = 0; start < images.size(); start += BATCH) {
            List<LabelledImage> batch = images.images().subList(start, Math.min(images.size(), start + BATCH));
            float[] input = new float[batch.size() * engine.inputLength()];
            for (int i = 0; i < batch.size(); i++) {
                float[] tensor = ImageCodec.toTensor(batch.get(i).image(), side, side, preprocessing);
                System.arraycopy(tensor, 0, input, i * tensor.length, tensor.length);
            }
            float[] logits = engine.logits(input, batch.size());
            for (int i = 0; i < batch.size(); i++) {
                int predicted = Prediction.fromLogits(logits, i * engine.classes(), engine.classes())
                        .predictedClass();
                right += predicted == batch.get(i).label() ? 1 : 0;
            }
        }
        return (double) right / images.size();
    }

    /** The set with every image spoilt; image i depends on seed and i alone. */
    public static ImageSet corrupted(ImageSet images, Corruption corruption, int severity, long seed) {
        List<LabelledImage> spoilt = new ArrayList<>(images.size());
        for (int i = 0; i < images.size(); i++) {
            LabelledImage clean = images.images().get(i);
            Image image = corruption.apply(clean.image(), severity, new SplittableRandom(seed * 1_000_003 + i));
            spoilt.add(new LabelledImage(image, clean.label()));
        }
        return new ImageSet(images.classes(), spoilt);
    }
}
