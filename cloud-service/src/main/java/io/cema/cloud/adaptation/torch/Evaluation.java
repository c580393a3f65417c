package io.cema.cloud.adaptation.torch;

/**
 * One affine's predictions on some images beside the teachers' predictions on the same. The arrays are owned by the
 * record; do not write to them.
 *
 * @param classes C
 * @param predictions class per image under the judged affine
 * @param teacher class per image by the adapted foundation model
 * @param frozen class per image by the foundation model's source weights, whose batch normalisation uses the images' own
 *     statistics: it learns nothing, so it cannot collapse
 * @param entropies of the judged affine's predictions, nats, per image
 */
public record Evaluation(int classes, int[] predictions, int[] teacher, int[] frozen, double[] entropies) {
    public Evaluation {
        int n = predictions.length;
        if (n == 0 || teacher.length != n || frozen.length != n || entropies.length != n) {
            throw new IllegalArgumentException("evaluation needs the same number of predictions of each, above 0: " + n
                    + ", teacher " + teacher.length + ", frozen " + frozen.length + ", entropies " + entropies.length);
        }
    }

    public int images() {
        return predictions.length;
    }

    /** Share of images on which prediction and adapted teacher agree. */
    public double teacherAgreement() {
        return agreement(predictions, teacher);
    }

    /** Share of images on which prediction and frozen source teacher agree. */
    public double frozenAgreement() {
        return agreement(predictions, frozen);
    }

    /** Nats. */
    public double meanEntropy() {
        double sum = 0;
        for (double h : entropies) {
            sum += h;
        }
        return sum / entropies.length;
    }

    /** Share of the most frequent predicted class. */
    public double topShare() {
        return topShare(predictions);
    }

    /** Share of the frozen teacher's most frequent class. */
    public double frozenTopShare() {
        return topShare(frozen);
    }

    /** Share of the adapted teacher's most frequent class. */
    public double teacherTopShare() {
        return topShare(teacher);
    }

    /** Predictions per class, length C. */
    public int[] histogram() {
        return histogram(predictions);
    }

    private int[] histogram(int[] of) {
        int[] counts = new int[classes];
        for (int c : of) {
            counts[c]++;
        }
        return counts;
    }

    private double topShare(int[] of) {
        int top = 0;
        for (int count : histogram(of)) {
            top = Math.max(top, count);
        }
        return (double) top / of.length;
    }

    private static double agreement(int[] a, int[] b) {
        int same = 0;
        for (int i = 0; i < a.length; i++) {
            if (a[i] == b[i]) {
                same++;
            }
        }
        return (double) same / a.length;
    }
}
