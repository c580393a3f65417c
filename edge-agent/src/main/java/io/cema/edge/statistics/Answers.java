package io.cema.edge.statistics;

import io.cema.edge.inference.Prediction;
import java.util.List;

/**
 * A model's answers to a batch, in sum.
 *
 * @param meanEntropy nats
 * @param information between frame and answer, nats: the entropy of the mean answer less the mean entropy. Low where
 *     answers are unsure, and where they are all the same
 * @param classes how often each class was answered
 */
record Answers(double meanEntropy, double information, int[] classes) {
    static Answers of(List<Prediction> predictions) {
        int[] classes = new int[predictions.get(0).classes()];
        double[] mean = new double[classes.length];
        double entropy = 0;
        for (Prediction prediction : predictions) {
            classes[prediction.predictedClass()]++;
            entropy += prediction.entropy() / predictions.size();
            for (int c = 0; c < mean.length; c++) {
                mean[c] += (double) prediction.probabilities()[c] / predictions.size();
            }
        }
        double ofMean = 0;
        for (double p : mean) {
            ofMean -= p > 0 ? p * Math.log(p) : 0;
        }
        return new Answers(entropy, Math.max(0, ofMean - entropy), classes);
    }
}
