package io.cema.cloud.adaptation.torch;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * SGD with momentum over a model's normalisation parameters: v = m v + g, p = p - lr v. They are few, so the arithmetic is
 * done on Java arrays, where it can be checked and checkpointed. One thread at a time.
 */
final class Sgd {
    private final TorchModel model;
    private final List<Tensor> parameters;
    private final float[][] velocity;
    private final float learningRate;
    private final float momentum;

    Sgd(TorchModel model, double learningRate, double momentum) {
        this.model = model;
        this.parameters = model.normParameters();
        this.learningRate = (float) learningRate;
        this.momentum = (float) momentum;
        this.velocity = parameters.stream()
                .map(p -> new float[Math.toIntExact(p.numel())])
                .toArray(float[][]::new);
    }

    /**
     * Uses and clears the gradients. All new values are worked out before the first is written, so that a failure
     * changes no parameter.
     *
     * @throws DistillationException naming the layer whose gradient or value is not finite
     */
    void step(String who) {
        float[][] moved = new float[parameters.size()][];
        for (int i = 0; i < moved.length; i++) {
            Tensor parameter = parameters.get(i);
            Tensor gradient = parameter.mutable_grad();
            if (!gradient.defined()) {
                continue;
            }
            float[] g = TensorData.floats(gradient);
            gradient.zero_();
            moved[i] = moved(i, TensorData.floats(parameter), g, who);
        }
        for (int i = 0; i < moved.length; i++) {
            if (moved[i] != null) {
                NormUnit.assign(parameters.get(i), moved[i]);
            }
        }
    }

    private float[] moved(int index, float[] values, float[] gradient, String who) {
        float[] v = velocity[index];
        for (int c = 0; c < values.length; c++) {
            v[c] = momentum * v[c] + gradient[c];
            values[c] -= learningRate * v[c];
            if (!Float.isFinite(values[c])) {
                throw new DistillationException(who + ": " + (index % 2 == 0 ? "scale" : "shift") + " " + c
                        + " of layer "
                        + model.normLayers().get(index / 2).name() + " would be " + values[c] + ", its gradient is "
                        + gradient[c]);
            }
        }
        return values;
    }

    /** The momentum's memory, two arrays per layer. Owned by this object; for checkpoints. */
    float[][] velocity() {
        return velocity;
    }

    void reset() {
        for (float[] v : velocity) {
            Arrays.fill(v, 0);
        }
    }
}
