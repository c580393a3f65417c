package io.cema.cloud.adaptation.torch;

import org.bytedeco.pytorch.Tensor;

/** Logits outside of libtorch. */
final class Logits {
    private Logits() {}

    /** @param logits shape [n, classes] */
    static float[][] toArrays(Tensor logits) {
        int rows = Math.toIntExact(logits.size(0));
        int classes = Math.toIntExact(logits.size(1));
        float[] flat = TensorData.floats(logits);
        float[][] arrays = new float[rows][classes];
        for (int i = 0; i < rows; i++) {
            System.arraycopy(flat, i * classes, arrays[i], 0, classes);
        }
        return arrays;
    }

    static int[] argmax(float[][] logits) {
        int[] classes = new int[logits.length];
        for (int i = 0; i < logits.length; i++) {
            for (int c = 1; c < logits[i].length; c++) {
                if (logits[i][c] > logits[i][classes[i]]) {
                    classes[i] = c;
                }
            }
        }
        return classes;
    }

    /** Of the mean over rows, nats: how many classes there are among them. */
    static double entropyOfMean(double[][] softmax) {
        double[] mean = new double[softmax[0].length];
        for (double[] p : softmax) {
            for (int c = 0; c < p.length; c++) {
                mean[c] += p[c] / softmax.length;
            }
        }
        return entropy(mean);
    }

    private static double entropy(double[] probabilities) {
        double entropy = 0;
        for (double p : probabilities) {
            entropy -= p * Math.log(Math.max(p, 1e-12));
        }
        return entropy;
    }

    static double[][] softmax(float[][] logits) {
        double[][] rows = new double[logits.length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = softmax(logits[i]);
        }
        return rows;
    }

    private static double[] softmax(float[] row) {
        double max = Double.NEGATIVE_INFINITY;
        for (float z : row) {
            max = Math.max(max, z);
        }
        double[] p = new double[row.length];
        double sum = 0;
        for (int c = 0; c < p.length; c++) {
            p[c] = Math.exp(row[c] - max);
            sum += p[c];
        }
        for (int c = 0; c < p.length; c++) {
            p[c] /= sum;
        }
        return p;
    }

    /** Entropy of softmax per row, nats. */
    static double[] entropies(float[][] logits) {
        double[] entropies = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            entropies[i] = entropy(logits[i]);
        }
        return entropies;
    }

    private static double entropy(float[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (float z : logits) {
            max = Math.max(max, z);
        }
        double sum = 0;
        double weighted = 0;
        for (float z : logits) {
            double e = Math.exp(z - max);
            sum += e;
            weighted += e * (z - max);
        }
        return Math.log(sum) - weighted / sum;
    }
}
