package io.cema.bench.training;

import io.cema.protocol.image.Image;
import java.util.random.RandomGenerator;

/** One image under augmentation: interleaved RGB floats and the strokes that change them. Confined to one thread. */
final class Canvas {
    private final int width;
    private final int height;
    private final RandomGenerator random;
    private float[] values;

    Canvas(Image image, RandomGenerator random) {
        this.width = image.width();
        this.height = image.height();
        this.random = random;
        this.values = new float[image.rgb().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (image.rgb()[i] & 0xff) / 255f;
        }
    }

    float[] values() {
        return values;
    }

    /** By up to {@code most} pixels each way; the border's values go on. */
    void shift(int most) {
        int dx = random.nextInt(-most, most + 1);
        int dy = random.nextInt(-most, most + 1);
        values = moved(dx, dy);
    }

    private float[] moved(int dx, int dy) {
        float[] out = new float[values.length];
        for (int y = 0; y < height; y++) {
            int row = clamp(y + dy, height) * width;
            for (int x = 0; x < width; x++) {
                System.arraycopy(values, 3 * (row + clamp(x + dx, width)), out, 3 * (y * width + x), 3);
            }
        }
        return out;
    }

    private static int clamp(int i, int size) {
        return Math.min(size - 1, Math.max(0, i));
    }

    /** Gain and offset of each channel, most of it common to all. */
    void gain(double gainDeviation, double offsetDeviation) {
        double gain = Math.exp(gainDeviation * random.nextGaussian());
        double offset = offsetDeviation * random.nextGaussian();
        for (int c = 0; c < 3; c++) {
            double channelGain = gain * (1 + 0.3 * gainDeviation * random.nextGaussian());
            double channelOffset = offset + 0.3 * offsetDeviation * random.nextGaussian();
            for (int i = c; i < values.length; i += 3) {
                values[i] = (float) (values[i] * channelGain + channelOffset);
            }
        }
    }

    /** All values times a factor. */
    void scale(double factor) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= (float) factor;
        }
    }

    /** Mixes in a slope of grey: less contrast, and not the same everywhere. */
    void veil(double share) {
        double level = random.nextDouble(0.1, 1);
        double slopeX = random.nextDouble(-0.6, 0.6);
        double slopeY = random.nextDouble(-0.6, 0.6);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double here = share * (1 + slopeX * (x / (double) width - 0.5) + slopeY * (y / (double) height - 0.5));
                for (int c = 0; c < 3; c++) {
                    int i = 3 * (y * width + x) + c;
                    values[i] += (float) (Math.min(0.92, here) * (level - values[i]));
                }
            }
        }
    }

    /** A Gaussian of its own width each way. */
    void smear(double deviationX, double deviationY) {
        values = gaussian(deviationX, 1, 0);
        values = gaussian(deviationY, 0, 1);
    }

    private float[] gaussian(double deviation, int dx, int dy) {
        float[] out = new float[values.length];
        float sum = 0;
        for (int step = -4; step <= 4; step++) {
            float tap = (float) Math.exp(-step * step / (2 * deviation * deviation));
            sum += tap;
            add(out, moved(step * dx, step * dy), tap);
        }
        divide(out, sum);
        return out;
    }

    /** The mean of copies moved along a straight line in any direction. */
    void streak(int length) {
        double angle = random.nextDouble(Math.PI);
        float[] out = new float[values.length];
        for (int step = 0; step < length; step++) {
            double t = step - (length - 1) / 2.0;
            add(out, moved((int) Math.round(t * Math.cos(angle)), (int) Math.round(t * Math.sin(angle))), 1);
        }
        divide(out, length);
        values = out;
    }

    private static void add(float[] sum, float[] more, float factor) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += factor * more[i];
        }
    }

    private static void divide(float[] sum, float by) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] /= by;
        }
    }

    /** A square of one colour. */
    void cutOut(int side) {
        int left = random.nextInt(width) - side / 2;
        int top = random.nextInt(height) - side / 2;
        float[] colour = {random.nextFloat(), random.nextFloat(), random.nextFloat()};
        for (int y = Math.max(0, top); y < Math.min(height, top + side); y++) {
            for (int x = Math.max(0, left); x < Math.min(width, left + side); x++) {
                System.arraycopy(colour, 0, values, 3 * (y * width + x), 3);
            }
        }
    }

    void noise(double deviation) {
        for (int i = 0; i < values.length; i++) {
            values[i] += (float) (deviation * random.nextGaussian());
        }
    }
}
