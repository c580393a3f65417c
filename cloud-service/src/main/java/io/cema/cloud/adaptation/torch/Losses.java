package io.cema.cloud.adaptation.torch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The losses of algorithm.md on logits of shape [n, classes]; results are scalars. Natural logarithms. */
final class Losses {
    private Losses() {}

    /** mean(w(H) H), w without gradient. */
    static Tensor entropy(Tensor logits, double entropyMax) {
        Tensor entropy = entropies(logits.log_softmax(1));
        return weight(entropy, entropyMax).mul(entropy).mean();
    }

    /**
     * The weighted sum and, as numbers, its unweighted parts.
     *
     * @param total scalar tensor with gradient
     * @param parts shape [3]: entropy, divergence, label
     */
    record Distillation(Tensor total, float[] parts) {
        double entropy() {
            return parts[0];
        }

        double divergence() {
            return parts[1];
        }

        double label() {
            return parts[2];
        }
    }

    /** @param target the teacher's logits, without gradient */
    static Distillation distillation(Tensor logits, Tensor target, double entropyMax, AdaptationSettings settings) {
        Tensor student = logits.log_softmax(1);
        Tensor teacher = target.log_softmax(1);
        Tensor certainty = weight(entropies(teacher), entropyMax);
        Tensor own = entropies(student);
        Tensor entropy = weight(own, entropyMax).mul(own).mean();
        Tensor divergence =
                certainty.mul(teacher.exp().mul(teacher.sub(student)).sum(1)).mean();
        Tensor hard = target.max(1, true).get1();
        Tensor label = certainty.mul(student.gather(1, hard).squeeze(1).neg()).mean();
        Tensor total = entropy.mul(new Scalar(settings.entropyWeight()))
                .add(divergence.mul(new Scalar(settings.distillationWeight())))
                .add(label.mul(new Scalar(settings.labelWeight())));
        return new Distillation(total, new float[] {entropy.item_float(), divergence.item_float(), label.item_float()});
    }

    private static Tensor entropies(Tensor logProbabilities) {
        return logProbabilities.exp().mul(logProbabilities).sum(1).neg();
    }

    /** w(H) = exp(-(H - E_max(0))). */
    private static Tensor weight(Tensor entropies, double entropyMax) {
        return entropies.detach().sub(new Scalar(entropyMax)).neg().exp();
    }
}
