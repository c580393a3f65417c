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
 * the border) and mirrored every other time, and half of them in another light: brighter or darker, paler, with noise. The
 * teacher sees the same pixels, so a changed image needs no right class; and the student learns to say what the teacher says
 * where the world has drifted, which is where adaptation starts from.
 */
final class TrainingImages {
    private static final int SHIFT_SHARE = 8;
    private static final double LEAST_CONTRAST = 0.3;
    /** Of 255. */
    private static final double MOST_NOISE = 40;

    private final List<Image> images;
    private final Preprocessing preprocessing;
    private final long seed;

    TrainingImages(List<Image> images, Preprocessing preprocessing, long seed) {
        this.images = List.copyOf(images);
        this.preprocessing = preprocessing;
        this.seed = seed;
    }

    int size() {
        return images.size();
    }

    /** One pass in batches of this size; what fills no batch is left out. */
    List<List<Image>> pass(int epoch, int batch) {
        List<Image> shuffled = new ArrayList<>(images);
        Collections.shuffle(shuffled, new Random(seed * 1_000_003 + epoch));
        SplittableRandom random = new SplittableRandom(seed * 31 + epoch);
        List<List<Image>> batches = new ArrayList<>();
        for (int from = 0; from + batch <= shuffled.size(); from += batch) {
            batches.add(shuffled.subList(from, from + batch).stream()
                    .map(i -> changed(i, random))
                    .toList());
        }
        return batches;
    }

    private static Image changed(Image image, SplittableRandom random) {
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
        return new Image(width, height, random.nextBoolean() ? lit(to, random) : to);
    }

    /** Contrast, brightness and noise, each of its own strength. */
    private static byte[] lit(byte[] rgb, SplittableRandom random) {
        double contrast = random.nextDouble(LEAST_CONTRAST, 1.2);
        double level = random.nextDouble(256);
        double noise = random.nextDouble(MOST_NOISE);
        byte[] result = new byte[rgb.length];
        for (int i = 0; i < rgb.length; i++) {
            // Two uniform numbers are near enough to a normal one here.
            double grain = noise * (random.nextDouble() + random.nextDouble() - 1);
            double value = level + contrast * ((rgb[i] & 0xff) - level) + grain;
            result[i] = (byte) Math.max(0, Math.min(255, Math.round(value)));
        }
        return result;
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
