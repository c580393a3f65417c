package io.cema.edge.inference;

import java.util.Arrays;

/**
 * What the model says of one image.
 *
 * @param predictedClass index of the largest probability, the lowest index among equals
 * @param entropy H = -sum p ln p, in nats, 0 to ln C
 * @param confidence probability of the predicted class
 * @param probabilities softmax of the logits, length C; owned by the record, do not write to it
 */
public record Prediction(int predictedClass, double entropy, double confidence, float[] probabilities) {
    /**
     * Softmax and its entropy, computed in double precision with the largest logit taken out first.
     *
     * @throws InferenceException if a logit is NaN or infinite
     */
    public static Prediction fromLogits(float[] logits) {
        return fromLogits(logits, 0, logits.length);
    }

    /** The same for one row of a batch: {@code classes} logits from {@code offset}. */
    public static Prediction fromLogits(float[] logits, int offset, int classes) {
        int best = 0;
        for (int c = 0; c < classes; c++) {
            float logit = logits[offset + c];
            if (!Float.isFinite(logit)) {
                throw new InferenceException("logit of class " + c + " is " + logit);
            }
            if (logit > logits[offset + best]) {
                best = c;
            }
        }
        double max = logits[offset + best];
        double sum = 0;
        double weighted = 0;
        double[] exponentials = new double[classes];
        for (int c = 0; c < classes; c++) {
            double z = logits[offset + c] - max;
            double e = Math.exp(z);
            exponentials[c] = e;
            sum += e;
            weighted += e * z;
        }
        float[] probabilities = new float[classes];
        for (int c = 0; c < classes; c++) {
            probabilities[c] = (float) (exponentials[c] / sum);
        }
        // -sum p ln p with ln p = z - ln sum; rounding may leave a tiny negative number for a one-hot p.
        double entropy = Math.max(0, Math.log(sum) - weighted / sum);
        return new Prediction(best, entropy, exponentials[best] / sum, probabilities);
    }

    /** Number of classes C. */
    public int classes() {
        return probabilities.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Prediction p
                && predictedClass == p.predictedClass
                && entropy == p.entropy
                && confidence == p.confidence
                && Arrays.equals(probabilities, p.probabilities);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(probabilities);
    }
}
