package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SupervisedTrainerTest {
    private static final int SIDE = 8;
    private static final int BATCH = 16;

    private final Random random = new Random(1);

    @Test
    void step_manyTimes_learnsWhichChannelIsBright() {
        OnnxModel net = net();
        try (TorchModel model = TorchModel.load(net, TorchSettings.cpu(1));
                SupervisedTrainer trainer = new SupervisedTrainer(model, 0.9, 1e-4, 0)) {
            double first = step(trainer, 0.05);
            double last = first;
            for (int i = 0; i < 60; i++) {
                last = step(trainer, 0.05);
            }

            assertThat(first).isGreaterThan(0.6);
            assertThat(last).isLessThan(0.1);
        }
    }

    @Test
    void step_once_weightsAndRunningStatisticsMove() {
        OnnxModel net = net();
        try (TorchModel model = TorchModel.load(net, TorchSettings.cpu(1));
                SupervisedTrainer trainer = new SupervisedTrainer(model, 0.9, 0, 0)) {
            step(trainer, 0.05);
            OnnxModel after = model.toOnnx();

            for (String name : new String[] {"conv.weight", "head.weight", "bn.weight", "bn.running_mean"}) {
                assertThat(after.initializers().get(name).floats())
                        .as(name)
                        .isNotEqualTo(net.initializers().get(name).floats());
            }
        }
    }

    @Test
    void step_lossNoNumber_saysSo() {
        try (TorchModel model = TorchModel.load(net(), TorchSettings.cpu(1));
                SupervisedTrainer trainer = new SupervisedTrainer(model, 0.9, 0, 0)) {
            float[] input = new float[3 * SIDE * SIDE];
            input[0] = Float.NaN;

            assertThatThrownBy(() -> trainer.step(input, new int[1], SIDE, SIDE, 0.1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("diverged");
        }
    }

    private double step(SupervisedTrainer trainer, double learningRate) {
        float[] input = new float[BATCH * 3 * SIDE * SIDE];
        int[] labels = new int[BATCH];
        for (int i = 0; i < BATCH; i++) {
            labels[i] = i % 2;
            for (int k = 0; k < 3 * SIDE * SIDE; k++) {
                boolean bright = k / (SIDE * SIDE) == labels[i];
                input[i * 3 * SIDE * SIDE + k] = (float) (random.nextGaussian() + (bright ? 1 : 0));
            }
        }
        return trainer.step(input, labels, SIDE, SIDE, learningRate);
    }

    private static OnnxModel net() {
        OnnxBuilder builder = new OnnxBuilder("bright", 17, 1);
        String x = builder.conv("conv", builder.input("input", SIDE, SIDE), 3, 4, 3, 1);
        x = builder.flatten(builder.globalAveragePool(builder.relu(builder.batchNorm("bn", x, 4))));
        return builder.output("logits", builder.linear("head", x, 4, 2), 2).build();
    }
}
