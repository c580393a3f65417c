package io.cema.cloud.adaptation;

import io.cema.protocol.model.NormStatistics;

/** How far statistics of one model lie apart. Pure. */
final class StatisticsDistance {
    private static final double SMALLEST_VARIANCE = 1e-6;

    private StatisticsDistance() {}

    /**
     * Mean over the channels of the squared distance of the means, in standard deviations of the source, and the squared
     * logarithm of the quotient of the deviations, each bounded by 1, so that dead channels do not decide.
     */
    static double between(NormStatistics a, NormStatistics b, NormStatistics source) {
        double sum = 0;
        for (int l = 0; l < source.layers().size(); l++) {
            NormStatistics.Layer x = a.layers().get(l);
            NormStatistics.Layer y = b.layers().get(l);
            float[] variance = source.layers().get(l).variance();
            for (int c = 0; c < variance.length; c++) {
                double off = x.mean()[c] - y.mean()[c];
                double quotient =
                        0.5 * Math.log((x.variance()[c] + SMALLEST_VARIANCE) / (y.variance()[c] + SMALLEST_VARIANCE));
                sum += Math.min(1, off * off / (variance[c] + SMALLEST_VARIANCE)) + Math.min(1, quotient * quotient);
            }
        }
        return sum / source.channels();
    }
}
