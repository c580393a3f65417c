package io.cema.cloud.adaptation.torch;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.OptimizerParamGroupVector;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Ordinary supervised training of a whole {@link TorchModel}: cross entropy with label smoothing, and SGD with
 * Nesterov momentum and weight decay over all its weights. The model's own running statistics follow the batches.
 *
 * <p>Confined to one thread. Owns the optimiser, not the model; close it before the model.
 */
public final class SupervisedTrainer implements AutoCloseable {
    private static final long MEAN = 1;
    private static final long NO_IGNORED_CLASS = -100;

    private final TorchModel model;
    private final double labelSmoothing;
    private final SGD optimiser;

    /**
     * @param momentum 0 up to, but not, 1
     * @param weightDecay 0 or more, on every weight
     * @param labelSmoothing share of the target that is spread over all classes, 0 up to, but not, 1
     */
    public SupervisedTrainer(TorchModel model, double momentum, double weightDecay, double labelSmoothing) {
        this.model = model;
        this.labelSmoothing = labelSmoothing;
        try (PointerScope scope = new PointerScope()) {
            SGDOptions options = new SGDOptions(0.1);
            options.momentum().put(momentum);
            options.weight_decay().put(weightDecay);
            options.nesterov().put(momentum > 0);
            List<Tensor> parameters = model.allParameters();
            optimiser = new SGD(new TensorVector(parameters.toArray(Tensor[]::new)), options);
            optimiser.retainReference();
            scope.detach(optimiser);
        }
    }

    /**
     * One step on one batch.
     *
     * @param input preprocessed, NCHW with 3 channels, length = labels.length * 3 * height * width
     * @param labels class indices
     * @return the mean loss before the step
     * @throws IllegalStateException if the loss is no longer a number; the model is spoilt then
     */
    public double step(float[] input, int[] labels, int height, int width, double learningRate) {
        try (PointerScope scope = new PointerScope()) {
            TorchSettings.Device device = model.settings().device();
            Tensor images = TensorData.of(input, labels.length, 3, height, width);
            Tensor targets = TensorData.on(
                    TensorData.of(Arrays.stream(labels).asLongStream().toArray(), labels.length), device);
            setLearningRate(learningRate);
            optimiser.zero_grad();
            Tensor logits = model.forward(images, NormMode.TRAIN);
            Tensor loss = torch.cross_entropy_loss(
                    logits, targets, new TensorOptional(), MEAN, NO_IGNORED_CLASS, labelSmoothing);
            double value = loss.item_double();
            if (!Double.isFinite(value)) {
                throw new IllegalStateException(
                        "training diverged: the loss is " + value + "; lower the learning rate (" + learningRate + ")");
            }
            loss.backward();
            optimiser.step();
            return value;
        }
    }

    private void setLearningRate(double learningRate) {
        OptimizerParamGroupVector groups = optimiser.param_groups();
        for (long i = 0; i < groups.size(); i++) {
            groups.get(i).options().set_lr(learningRate);
        }
    }

    @Override
    public void close() {
        optimiser.close();
    }
}
