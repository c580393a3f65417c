package io.cema.cloud.drift;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * What is watched. An observation is a vector: shares of frames that add up to 1, or normalisation statistics as they go
 * up. Its score says how far it lies from the reference, 0 to 1.
 */
@Schema(name = "DriftSignal")
enum Signal implements Scoring {
    /** The distribution of the answers' entropy, by bucket. Only a rise counts: a model that gets surer is no alarm. */
    ENTROPY(0.05) {
        @Override
        public double score(double[] observed, double[] reference) {
            double worst = 0;
            double above = 1;
            double usuallyAbove = 1;
            for (int i = 0; i < observed.length - 1; i++) {
                above -= observed[i];
                usuallyAbove -= reference[i];
                worst = Math.max(worst, above - usuallyAbove);
            }
            return Math.min(1, worst);
        }
    },

    /** How often each class is answered: total variation, the share of answers that would have to change. */
    CLASSES(0.10) {
        @Override
        public double score(double[] observed, double[] reference) {
            double apart = 0;
            for (int i = 0; i < observed.length; i++) {
                apart += Math.abs(observed[i] - reference[i]);
            }
            return Math.min(1, apart / 2);
        }
    },

    /**
     * What the normalisation layers see, of devices that send statistics in place of images: pairs of the mean's shift in
     * the source's deviations and the logarithm of the variances' quotient. Half the mean over the channels of their
     * squared distances, each bounded by 1, so that dead channels do not decide.
     */
    STATISTICS(0.02) {
        @Override
        public double score(double[] observed, double[] reference) {
            double sum = 0;
            for (int i = 0; i < observed.length; i += 2) {
                double mean = observed[i] - reference[i];
                double deviation = (observed[i + 1] - reference[i + 1]) / 2;
                sum += Math.min(1, mean * mean) + Math.min(1, deviation * deviation);
            }
            return sum / observed.length;
        }
    };

    private final double margin;

    Signal(double margin) {
        this.margin = margin;
    }

    @Override
    public double margin() {
        return margin;
    }
}
