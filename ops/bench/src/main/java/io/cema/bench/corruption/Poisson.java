package io.cema.bench.corruption;

import java.util.random.RandomGenerator;

/**
 * Poisson-distributed integers: multiplication of uniforms (Knuth) for small means, transformed rejection (PTRS,
 * Hörmann 1993) from a mean of 10.
 */
final class Poisson {
    private static final double PTRS_FROM = 10;
    private static final double[] LOG_FACTORIAL = new double[1024];

    static {
        for (int k = 2; k < LOG_FACTORIAL.length; k++) {
            LOG_FACTORIAL[k] = LOG_FACTORIAL[k - 1] + Math.log(k);
        }
    }

    private Poisson() {}

    /** @param mean 0 or more */
    static int next(double mean, RandomGenerator random) {
        return mean < PTRS_FROM ? byMultiplication(mean, random) : byTransformedRejection(mean, random);
    }

    private static int byMultiplication(double mean, RandomGenerator random) {
        double limit = Math.exp(-mean);
        double product = random.nextDouble();
        int k = 0;
        while (product > limit) {
            product *= random.nextDouble();
            k++;
        }
        return k;
    }

    private static int byTransformedRejection(double mean, RandomGenerator random) {
        double logMean = Math.log(mean);
        double b = 0.931 + 2.53 * Math.sqrt(mean);
        double a = -0.059 + 0.02483 * b;
        double inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
        double acceptBelow = 0.9277 - 3.6224 / (b - 2);
        while (true) {
            double u = random.nextDouble() - 0.5;
            double v = random.nextDouble();
            double us = 0.5 - Math.abs(u);
            int k = (int) Math.floor((2 * a / us + b) * u + mean + 0.43);
            if (us >= 0.07 && v <= acceptBelow) {
                return k;
            }
            if (k < 0 || us < 0.013 && v > us) {
                continue;
            }
            if (Math.log(v) + Math.log(inverseAlpha) - Math.log(a / (us * us) + b)
                    <= -mean + k * logMean - logFactorial(k)) {
                return k;
            }
        }
    }

    private static double logFactorial(int k) {
        if (k < LOG_FACTORIAL.length) {
            return LOG_FACTORIAL[k];
        }
        return (k + 0.5) * Math.log(k) - k + 0.5 * Math.log(2 * Math.PI) + 1.0 / (12.0 * k);
    }
}
