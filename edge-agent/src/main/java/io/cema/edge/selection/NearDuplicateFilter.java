package io.cema.edge.selection;

import java.util.random.RandomGenerator;

/**
 * StreamDiffusion's stochastic similarity filter: with c the cosine of the mean-centred pixels of a frame and of the
 * last kept one, the frame is skipped with probability max(0, (c - eta) / (1 - eta)). After a number of skips in a row
 * the next frame passes, so that a still scene is not silent for ever. One thread.
 */
final class NearDuplicateFilter {
    private final double threshold;
    private final int maxConsecutiveSkips;
    private final RandomGenerator random;
    private float[] reference;
    private int skips;

    NearDuplicateFilter(double threshold, int maxConsecutiveSkips, RandomGenerator random) {
        this.threshold = threshold;
        this.maxConsecutiveSkips = maxConsecutiveSkips;
        this.random = random;
    }

    /** True if the frame is to be skipped. */
    boolean skip(byte[] pixels) {
        if (reference == null || threshold >= 1 || reference.length != pixels.length) {
            return false;
        }
        double probability = Math.max(0, (similarity(pixels) - threshold) / (1 - threshold));
        if (skips >= maxConsecutiveSkips || !(random.nextDouble() < probability)) {
            return false;
        }
        skips++;
        return true;
    }

    /** Makes a kept frame the reference. */
    void keep(byte[] pixels) {
        reference = centred(pixels);
        skips = 0;
    }

    /** Cosine of the mean-centred pixels, -1 to 1; two flat frames count as equal, a flat and a textured one do not. */
    private double similarity(byte[] pixels) {
        float[] other = centred(pixels);
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < other.length; i++) {
            dot += (double) reference[i] * other[i];
            aa += (double) reference[i] * reference[i];
            bb += (double) other[i] * other[i];
        }
        if (aa == 0 || bb == 0) {
            return aa == bb ? 1 : 0;
        }
        return dot / Math.sqrt(aa * bb);
    }

    private static float[] centred(byte[] pixels) {
        long sum = 0;
        for (byte b : pixels) {
            sum += b & 0xff;
        }
        float mean = (float) ((double) sum / pixels.length);
        float[] result = new float[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            result[i] = (pixels[i] & 0xff) - mean;
        }
        return result;
    }
}
