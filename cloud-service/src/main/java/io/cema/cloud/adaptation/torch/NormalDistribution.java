package io.cema.cloud.adaptation.torch;

/** A normal distribution of one variable, its variance above 0. */
record NormalDistribution(double mean, double variance) {
    /** Symmetric Kullback-Leibler divergence, half of the sum of both directions, nats. */
    double divergence(NormalDistribution other) {
        double offset = (mean - other.mean) * (mean - other.mean);
        double ratios = (variance + offset) / other.variance + (other.variance + offset) / variance;
        return (ratios - 2) / 4;
    }
}
