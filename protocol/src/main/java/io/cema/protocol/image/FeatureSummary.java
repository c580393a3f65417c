package io.cema.protocol.image;

import java.util.Arrays;
import java.util.List;

/**
 * Mean and variance of each of {@link ImageFeatures} over some images: the look of a domain. Immutable.
 *
 * @param count images behind it
 * @param mean per feature
 * @param variance per feature, biased
 */
public record FeatureSummary(long count, double[] mean, double[] variance) {
    /** Weight, in images, of the assumption that features scatter as widely as here at least. */
    private static final double LEAST_VARIANCE = 1e-4;

    public static FeatureSummary empty() {
        return new FeatureSummary(0, new double[ImageFeatures.COUNT], new double[ImageFeatures.COUNT]);
    }

    public static FeatureSummary of(List<Image> images) {
        return ofFeatures(images.stream().map(ImageFeatures::of).toList());
    }

    /** @param features of each image, see {@link ImageFeatures} */
    public static FeatureSummary ofFeatures(List<double[]> features) {
        FeatureSummary summary = empty();
        for (double[] image : features) {
            summary = summary.with(image);
        }
        return summary;
    }

    /** With one more image. */
    public FeatureSummary with(double[] features) {
        long n = count + 1;
        double[] m = mean.clone();
        double[] v = variance.clone();
        for (int i = 0; i < m.length; i++) {
            double delta = features[i] - m[i];
            m[i] += delta / n;
            v[i] += (delta * (features[i] - m[i]) - v[i]) / n;
        }
        return new FeatureSummary(n, m, v);
    }

    /** Of both summaries' images. */
    public FeatureSummary plus(FeatureSummary other) {
        if (count == 0 || other.count == 0) {
            return count == 0 ? other : this;
        }
        long n = count + other.count;
        double share = (double) other.count / n;
        double[] m = new double[mean.length];
        double[] v = new double[mean.length];
        for (int i = 0; i < m.length; i++) {
            double delta = other.mean[i] - mean[i];
            m[i] = mean[i] + share * delta;
            v[i] = (1 - share) * variance[i] + share * other.variance[i] + share * (1 - share) * delta * delta;
        }
        return new FeatureSummary(n, m, v);
    }

    /**
     * How far apart two looks are: mean over features of the squared distance of the means in units of the pooled
     * variance. What the finite number of images contributes on average is taken out, so that it is about 0 within a
     * domain whatever the counts.
     */
    public double distance(FeatureSummary other) {
        if (count == 0 || other.count == 0) {
            throw new IllegalStateException("an empty summary has no distance to another");
        }
        double sum = 0;
        for (int i = 0; i < mean.length; i++) {
            double pooled = (variance[i] + other.variance[i]) / 2 + LEAST_VARIANCE;
            double delta = mean[i] - other.mean[i];
            sum += delta * delta / pooled;
        }
        return sum / mean.length - 1.0 / count - 1.0 / other.count;
    }

    /**
     * Of one image's features under this look, taken as independent and normal; nats, without the constant. Features do go
     * together, so that differences come out too large by some factor.
     */
    public double logLikelihood(double[] features) {
        double sum = 0;
        for (int i = 0; i < mean.length; i++) {
            double v = variance[i] + LEAST_VARIANCE;
            double delta = features[i] - mean[i];
            sum += delta * delta / v + Math.log(v);
        }
        return -sum / 2;
    }

    /** What {@link #logLikelihood} is on average for images of this look. */
    public double expectedLogLikelihood() {
        double sum = 0;
        for (double v : variance) {
            sum += 1 + Math.log(v + LEAST_VARIANCE);
        }
        return -sum / 2;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof FeatureSummary s
                && count == s.count
                && Arrays.equals(mean, s.mean)
                && Arrays.equals(variance, s.variance);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(mean);
    }

    @Override
    public String toString() {
        return "FeatureSummary[" + count + " images, mean " + Arrays.toString(mean) + "]";
    }
}
