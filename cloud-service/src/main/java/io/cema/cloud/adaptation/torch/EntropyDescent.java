package io.cema.cloud.adaptation.torch;

import io.cema.protocol.onnx.OnnxModel;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A model that normalises by each batch's own statistics and descends its own weighted entropy, scale and shift alone:
 * what TENT (ICLR 2021) and EATA (ICML 2022) have in common. The product does not adapt this way, since its edge has no
 * backward pass; evaluation compares with it. One thread at a time; owns the model until closed.
 */
public final class EntropyDescent implements AutoCloseable {
    private final TorchModel model;
    private final Sgd sgd;

    public EntropyDescent(OnnxModel onnx, int threads, double learningRate, double momentum) {
        this.model = TorchModel.load(onnx, TorchSettings.cpu(threads));
        this.sgd = new Sgd(model, learningRate, momentum);
    }

    /**
     * Predicts a batch, then takes one step on it.
     *
     * @param input float32 [n, 3, height, width] of the model, preprocessed, flat
     * @param weights asked with the logits for a weight per image; what has weight 0 is left out, and if that is all,
     *     nothing is learnt
     * @return logits before the step, [n][classes]
     */
    public float[][] predict(float[] input, int n, Function<float[][], float[]> weights) {
        try (PointerScope scope = new PointerScope()) {
            Tensor logits = model.forward(
                    TensorData.of(
                            input, n, 3, model.source().height(), model.source().width()),
                    NormMode.BATCH);
            float[][] values = Logits.toArrays(logits.detach());
            float[] weight = weights.apply(values);
            int kept = 0;
            for (float w : weight) {
                kept += w > 0 ? 1 : 0;
            }
            if (kept > 0) {
                Tensor logProbabilities = logits.log_softmax(1);
                Tensor entropies =
                        logProbabilities.exp().mul(logProbabilities).sum(1).neg();
                Tensor loss = TensorData.of(weight, n).mul(entropies).sum().div(new Scalar((double) kept));
                loss.backward();
                sgd.step("entropy descent");
            }
            return values;
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
