package io.cema.cloud.drift;

import java.util.Random;

/**
 * A camera's class counts, minute by minute. Each minute has its own mixture of contents, and minutes next to each other are
 * alike: the logarithms of the shares follow an autoregression of order one. Frames within a minute then add the noise of
 * counting.
 */
final class SimulatedSignal {
    private static final int CLASSES = 10;
    private static final int FRAMES = 750;
    private static final double SPREAD = 0.25;

    private final Random random;
    private final double correlation;
    private final double[] usual = new double[CLASSES];
    private final double[] now = new double[CLASSES];

    /** @param correlation between minutes next to each other, 0 to below 1 */
    SimulatedSignal(long seed, double correlation) {
        this.random = new Random(seed);
        this.correlation = correlation;
        for (int i = 0; i < CLASSES; i++) {
            usual[i] = random.nextGaussian() * 0.5;
            now[i] = SPREAD * random.nextGaussian();
        }
    }

    /** The world changes: from now on the first class is answered more often, by that factor before all add up to 1. */
    void shift(double factor) {
        usual[0] += Math.log(factor);
    }

    /** The next minute, as shares. */
    double[] next() {
        double[] shares = new double[CLASSES];
        double sum = 0;
        for (int i = 0; i < CLASSES; i++) {
            now[i] = correlation * now[i] + Math.sqrt(1 - correlation * correlation) * SPREAD * random.nextGaussian();
            shares[i] = Math.exp(usual[i] + now[i]);
            sum += shares[i];
        }
        double[] counted = new double[CLASSES];
        double total = 0;
        for (int i = 0; i < CLASSES; i++) {
            double share = shares[i] / sum;
            // As many frames are counted as make the binomial a normal distribution.
            double noise = Math.sqrt(share * (1 - share) / FRAMES) * random.nextGaussian();
            counted[i] = Math.max(0, share + noise);
            total += counted[i];
        }
        for (int i = 0; i < CLASSES; i++) {
            counted[i] /= total;
        }
        return counted;
    }
}
