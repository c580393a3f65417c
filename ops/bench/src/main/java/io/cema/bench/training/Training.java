package io.cema.bench.training;

import io.cema.bench.image.ImageSet;
import io.cema.bench.image.LabelledImage;
import io.cema.cloud.adaptation.torch.SupervisedTrainer;
import io.cema.cloud.adaptation.torch.TorchModel;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Trains a classifier on labelled images: SGD whose learning rate rises for the first tenth and then falls to 0 along
 * a cosine. The same arguments on the same machine give the same weights, up to libtorch's own order of additions.
 *
 * @param epochs passes over the images
 * @param batch images per step
 * @param learningRate the highest
 * @param augmentation of each image, anew in each epoch
 * @param preprocessing from 0..1 to the net's input
 * @param threads of libtorch, 0 for its default
 */
public record Training(
        int epochs,
        int batch,
        double learningRate,
        Augmentation augmentation,
        Preprocessing preprocessing,
        int threads) {
    private static final double MOMENTUM = 0.9;
    private static final double WEIGHT_DECAY = 5e-4;
    private static final double LABEL_SMOOTHING = 0.05;
    private static final double WARM_UP = 0.1;
    private static final int REPORT_EVERY = 25;

    /** Hears how training goes on. */
    @FunctionalInterface
    public interface Listener {
        /**
         * @param step done so far
         * @param steps in all
         * @param loss a moving average of the training loss
         */
        void progress(int step, int steps, double loss);
    }

    /**
     * @param net where to start from
     * @param images all of one size; the last ones of each pass that fill no batch are left out
     * @return the trained net
     */
    public OnnxModel run(OnnxModel net, ImageSet images, long seed, Listener listener) {
        int perEpoch = images.size() / batch;
        if (perEpoch < 1) {
            throw new IllegalArgumentException(
                    images.size() + " training images fill no batch of " + batch + "; generate more");
        }
        int steps = epochs * perEpoch;
        int width = images.images().get(0).image().width();
        int height = images.images().get(0).image().height();
        TorchSettings settings = TorchSettings.cpu(threads);
        try (TorchModel model = TorchModel.load(net, settings);
                SupervisedTrainer trainer = new SupervisedTrainer(model, MOMENTUM, WEIGHT_DECAY, LABEL_SMOOTHING)) {
            double average = 0;
            for (int epoch = 0; epoch < epochs; epoch++) {
                ImageSet shuffled = images.shuffled(seed + epoch);
                for (int i = 0; i < perEpoch; i++) {
                    int step = epoch * perEpoch + i;
                    LabelledImage[] chosen = shuffled.images()
                            .subList(i * batch, (i + 1) * batch)
                            .toArray(LabelledImage[]::new);
                    int[] labels = IntStream.range(0, batch)
                            .map(k -> chosen[k].label())
                            .toArray();
                    double loss =
                            trainer.step(input(chosen, seed, step), labels, height, width, rate((double) step / steps));
                    average = step == 0 ? loss : 0.95 * average + 0.05 * loss;
                    if ((step + 1) % REPORT_EVERY == 0 || step + 1 == steps) {
                        listener.progress(step + 1, steps, average);
                    }
                }
            }
            return model.toOnnx();
        }
    }

    private double rate(double done) {
        return done < WARM_UP
                ? learningRate * (0.05 + 0.95 * done / WARM_UP)
                : learningRate * 0.5 * (1 + Math.cos(Math.PI * (done - WARM_UP) / (1 - WARM_UP)));
    }

    private float[] input(LabelledImage[] chosen, long seed, int step) {
        int length = chosen[0].image().rgb().length;
        float[] input = new float[chosen.length * length];
        IntStream.range(0, chosen.length).parallel().forEach(k -> {
            SplittableRandom random = new SplittableRandom(seed * 31 + (long) step * chosen.length + k);
            float[] rgb = augmentation.apply(chosen[k].image(), random);
            int plane = length / 3;
            for (int c = 0; c < 3; c++) {
                float mean = preprocessing.mean().get(c).floatValue();
                float deviation = preprocessing.std().get(c).floatValue();
                for (int i = 0; i < plane; i++) {
                    float clipped = Math.min(1, Math.max(0, rgb[3 * i + c]));
                    input[k * length + c * plane + i] = (clipped - mean) / deviation;
                }
            }
        });
        return input;
    }
}
