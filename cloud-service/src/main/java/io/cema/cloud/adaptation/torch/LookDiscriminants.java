package io.cema.cloud.adaptation.torch;

import io.cema.protocol.adaptation.LookScore;
import io.cema.protocol.image.FeatureSummary;
import io.cema.protocol.image.ImageFeatures;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Tells domains by how their images look: linear discriminant analysis (Fisher) of {@link ImageFeatures}. One covariance
 * for all domains: of each its own would be estimated from some tens of images, and costs two points of accuracy on a
 * mixture of fifteen. Stateless.
 */
final class LookDiscriminants {
    private static final int COUNT = ImageFeatures.COUNT;
    private static final double LEAST_VARIANCE = 1e-4;
    /** Added to the diagonal of the features' correlations. */
    private static final float RIDGE = 0.01f;

    private LookDiscriminants() {}

    /**
     * @param domains features of the images of each domain, see {@link ImageFeatures#of}
     * @param favour nats by which each is preferred in doubt
     * @return the domains' scores: the highest is the likeliest domain's
     */
    static List<LookScore> of(List<List<double[]>> domains, double[] favour) {
        int images = domains.stream().mapToInt(List::size).sum();
        List<FeatureSummary> looks =
                domains.stream().map(FeatureSummary::ofFeatures).toList();
        double[][] means = looks.stream().map(FeatureSummary::mean).toArray(double[][]::new);
        double[] centre = looks.stream()
                .reduce(FeatureSummary.empty(), FeatureSummary::plus)
                .mean();
        double[][] within = new double[COUNT][COUNT];
        for (int d = 0; d < means.length; d++) {
            for (double[] image : domains.get(d)) {
                for (int i = 0; i < COUNT; i++) {
                    for (int j = 0; j < COUNT; j++) {
                        within[i][j] += (image[i] - means[d][i]) * (image[j] - means[d][j]) / images;
                    }
                }
            }
        }
        double[] deviations = new double[COUNT];
        for (int i = 0; i < COUNT; i++) {
            deviations[i] = Math.sqrt(within[i][i] + LEAST_VARIANCE);
        }
        float[] precision = precision(within, deviations);
        List<LookScore> scores = new ArrayList<>();
        for (int d = 0; d < means.length; d++) {
            double share = (double) domains.get(d).size() / images;
            scores.add(score(means[d], centre, deviations, precision, Math.log(share) + favour[d]));
        }
        return scores;
    }

    /** Inverse of the correlations, [COUNT * COUNT]. */
    private static float[] precision(double[][] within, double[] deviations) {
        float[] correlations = new float[COUNT * COUNT];
        for (int i = 0; i < COUNT; i++) {
            for (int j = 0; j < COUNT; j++) {
                correlations[i * COUNT + j] = (float) (within[i][j] / deviations[i] / deviations[j]);
            }
            correlations[i * COUNT + i] += RIDGE;
        }
        try (PointerScope scope = new PointerScope()) {
            Tensor inverse = TensorData.of(correlations, COUNT, COUNT).inverse();
            return TensorData.floats(inverse);
        }
    }

    private static LookScore score(
            double[] mean, double[] centre, double[] deviations, float[] precision, double preference) {
        float[] weights = new float[COUNT];
        double bias = preference;
        for (int i = 0; i < COUNT; i++) {
            double weight = 0;
            for (int j = 0; j < COUNT; j++) {
                weight += precision[i * COUNT + j] * (mean[j] - centre[j]) / deviations[j];
            }
            weights[i] = (float) (weight / deviations[i]);
            bias -= weights[i] * ((mean[i] - centre[i]) / 2 + centre[i]);
        }
        return new LookScore(weights, (float) bias);
    }
}
