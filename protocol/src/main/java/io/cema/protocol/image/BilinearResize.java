package io.cema.protocol.image;

/**
 * Bilinear resize with half-pixel centres. When shrinking, the triangle is widened by the factor (antialias), as Pillow
 * and torchvision do, so that models see what they were trained on.
 */
final class BilinearResize {
    private BilinearResize() {}

    /** @return interleaved RGB on the 0..255 scale, not rounded, length height * width * 3 */
    static float[] resize(Image image, int height, int width) {
        Taps columns = Taps.of(image.width(), width);
        Taps rows = Taps.of(image.height(), height);
        float[] narrowed = new float[image.height() * width * 3];
        for (int y = 0; y < image.height(); y++) {
            int row = y * image.width() * 3;
            for (int x = 0; x < width; x++) {
                float[] weights = columns.weights[x];
                for (int c = 0; c < 3; c++) {
                    float sum = 0;
                    for (int t = 0; t < weights.length; t++) {
                        sum += weights[t] * Byte.toUnsignedInt(image.rgb()[row + (columns.first[x] + t) * 3 + c]);
                    }
                    narrowed[(y * width + x) * 3 + c] = sum;
                }
            }
        }
        float[] resized = new float[height * width * 3];
        int stride = width * 3;
        for (int y = 0; y < height; y++) {
            float[] weights = rows.weights[y];
            for (int t = 0; t < weights.length; t++) {
                int source = (rows.first[y] + t) * stride;
                for (int i = 0; i < stride; i++) {
                    resized[y * stride + i] += weights[t] * narrowed[source + i];
                }
            }
        }
        return resized;
    }

    /** For each target position, the first source position it reads and the weights from there on; they add up to 1. */
    private record Taps(int[] first, float[][] weights) {
        static Taps of(int source, int target) {
            double factor = (double) source / target;
            double radius = Math.max(factor, 1);
            int[] first = new int[target];
            float[][] weights = new float[target][];
            for (int i = 0; i < target; i++) {
                double centre = (i + 0.5) * factor;
                int from = Math.max(0, (int) (centre - radius + 0.5));
                int to = Math.min(source, (int) (centre + radius + 0.5));
                double[] w = new double[to - from];
                double sum = 0;
                for (int t = 0; t < w.length; t++) {
                    w[t] = Math.max(0, 1 - Math.abs((from + t + 0.5 - centre) / radius));
                    sum += w[t];
                }
                first[i] = from;
                weights[i] = new float[w.length];
                for (int t = 0; t < w.length; t++) {
                    weights[i][t] = (float) (w[t] / sum);
                }
            }
            return new Taps(first, weights);
        }
    }
}
