package io.cema.demo.signs;

/** Gaussian blur of square planes, border values repeated. */
final class Optics {
    private Optics() {}

    /** @param deviation in pixels of the planes */
    static void blur(float[][] planes, int side, double deviation) {
        int reach = Math.max(1, (int) Math.ceil(2.5 * deviation));
        float[] taps = new float[2 * reach + 1];
        float sum = 0;
        for (int d = -reach; d <= reach; d++) {
            taps[d + reach] = (float) Math.exp(-d * d / (2 * deviation * deviation));
            sum += taps[d + reach];
        }
        for (int i = 0; i < taps.length; i++) {
            taps[i] /= sum;
        }
        float[] line = new float[side + 2 * reach];
        for (float[] plane : planes) {
            for (int row = 0; row < side; row++) {
                pass(plane, row * side, 1, side, taps, line);
            }
            for (int column = 0; column < side; column++) {
                pass(plane, column, side, side, taps, line);
            }
        }
    }

    private static void pass(float[] plane, int start, int stride, int side, float[] taps, float[] line) {
        int reach = taps.length / 2;
        for (int i = 0; i < line.length; i++) {
            line[i] = plane[start + stride * Math.min(side - 1, Math.max(0, i - reach))];
        }
        for (int i = 0; i < side; i++) {
            float value = 0;
            for (int t = 0; t < taps.length; t++) {
                value += taps[t] * line[i + t];
            }
            plane[start + stride * i] = value;
        }
    }
}
