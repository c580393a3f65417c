package io.cema.cloud.compression;

import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Unlabelled images in batches: shuffled anew in each pass, each image shifted by up to an eighth of its side (mirrored at
 * the border) and mirrored every other time. If they drift, every other batch is as a whole seen through one {@link Drift}.
 * The teacher sees the same pixels, so a changed image needs no right class.
 */
final class TrainingImages {
    private static final int SHIFT_SHARE = 8;

    private final List<Image> images;
    private final Preprocessing preprocessing;
    private final long seed;
    private final boolean drifting;

    TrainingImages(List<Image> images, Preprocessing preprocessing, long seed, boolean drifting) {
        this.images = List.copyOf(images);
        this.preprocessing = preprocessing;
        this.seed = seed;
        this.drifting = drifting;
    }

    int size() {
        return images.size();
    }

    /**
     * Images of one step.
     *
     * @param drifted whether all of them are of one changed world
     */
    record Batch(List<Image> images, boolean drifted) {}

    /** One pass in batches of this size; what fills no batch is left out. */
    List<Batch> pass(int epoch, int batch) {
        List<Image> shuffled = new ArrayList<>(images);
        Collections.shuffle(shuffled, new Random(seed * 1_000_003 + epoch));
        SplittableRandom random = new SplittableRandom(seed * 31 + epoch);
        List<Batch> batches = new ArrayList<>();
        for (int from = 0; from + batch <= shuffled.size(); from += batch) {
            List<Image> moved = shuffled.subList(from, from + batch).stream()
                    .map(i -> moved(i, random))
                    .toList();
            boolean drifts = drifting && batches.size() % 2 == 1;
            Drift drift = Drift.draw(random);
            batches.add(new Batch(
                    drifts ? moved.stream().map(i -> drift.of(i, random)).toList() : moved, drifts));
        }
        return batches;
    }

    private static Image moved(Image image, SplittableRandom random) {
        int width = image.width();
        int height = image.height();
        int mostX = width / SHIFT_SHARE;
        int mostY = height / SHIFT_SHARE;
        int dx = random.nextInt(-mostX, mostX + 1);
        int dy = random.nextInt(-mostY, mostY + 1);
        boolean mirror = random.nextBoolean();
        byte[] from = image.rgb();
        byte[] to = new byte[from.length];
        for (int y = 0; y < height; y++) {
            int row = reflected(y + dy, height) * width;
            for (int x = 0; x < width; x++) {
                int column = reflected(x + dx, width);
                int source = 3 * (row + (mirror ? width - 1 - column : column));
                System.arraycopy(from, source, to, 3 * (y * width + x), 3);
            }
        }
        return new Image(width, height, to);
    }

    private static int reflected(int i, int size) {
        int positive = i < 0 ? -i : i;
        return positive < size ? positive : 2 * size - 2 - positive;
    }

    /** The images as that model's input, [n, 3, height, width]. */
    float[] input(List<Image> of, OnnxModel model) {
        return input(of, model, preprocessing);
    }

    static float[] input(List<Image> of, OnnxModel model, Preprocessing preprocessing) {
        int each = 3 * model.height() * model.width();
        float[] input = new float[of.size() * each];
        for (int i = 0; i < of.size(); i++) {
            float[] one = ImageCodec.toTensor(of.get(i), model.height(), model.width(), preprocessing);
            System.arraycopy(one, 0, input, i * each, each);
        }
        return input;
    }
}
