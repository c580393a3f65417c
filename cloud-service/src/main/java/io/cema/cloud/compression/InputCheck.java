package io.cema.cloud.compression;

import io.cema.cloud.compression.CompressionSettings.Quantization;
import io.cema.cloud.compression.CompressionSettings.Sparsity;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import java.util.List;

/** Refuses what cannot be compressed, before any work is done. */
final class InputCheck {
    /** Fewer say nothing of ranges, let alone teach. */
    static final int LEAST_IMAGES = 128;

    private static final int LEAST_OPSET = 13;

    private InputCheck() {}

    static void require(CompressionTask task, CompressionSettings settings) {
        requireFloat(task.model());
        if (settings.quantization() == Quantization.INT8) {
            requireOpset(task.model());
        }
        requireLayers(task.model(), settings);
        if (task.images().size() < Math.max(LEAST_IMAGES, settings.batch())) {
            throw new CompressionException("given are " + task.images().size() + " images, needed at least "
                    + Math.max(LEAST_IMAGES, settings.batch())
                    + " to calibrate and to train on; a thousand and more are better");
        }
        task.teacher().ifPresent(teacher -> {
            if (teacher.classes() != task.model().classes()) {
                throw new CompressionException("the teacher has " + teacher.classes() + " classes, the model "
                        + task.model().classes() + "; give a teacher of the same classes");
            }
        });
        task.test().ifPresent(test -> {
            for (int i = 0; i < test.classes().length; i++) {
                if (test.classes()[i] < 0 || test.classes()[i] >= task.model().classes()) {
                    throw new CompressionException("test image " + i + " has label " + test.classes()[i]
                            + ", the model knows 0 to " + (task.model().classes() - 1));
                }
            }
        });
    }

    /** Refuses what cannot be quantised. */
    static void requireQuantizable(OnnxModel model) {
        requireFloat(model);
        requireOpset(model);
    }

    private static void requireFloat(OnnxModel model) {
        for (OnnxNode node : model.nodes()) {
            boolean quantised = node.op().startsWith("Quantize")
                    || node.op().startsWith("Dequantize")
                    || node.op().startsWith("QLinear")
                    || node.op().endsWith("Integer")
                    || node.op().equals("DynamicQuantizeLinear");
            if (quantised) {
                throw new CompressionException(
                        node.describe() + ": the model is quantised already; give the float32 model it was made from");
            }
        }
    }

    private static void requireOpset(OnnxModel model) {
        if (model.opset() < LEAST_OPSET) {
            throw new CompressionException("operator set " + model.opset() + " has no quantisation per channel, which"
                    + " came with " + LEAST_OPSET + "; export the model with opset_version=17");
        }
    }

    private static void requireLayers(OnnxModel model, CompressionSettings settings) {
        List<WeightLayer> layers = WeightLayer.of(model);
        if (layers.isEmpty()) {
            throw new CompressionException(
                    "the model has no convolution or matrix product with stored float32 weights; there is nothing to"
                            + " compress");
        }
        if (settings.sparsity() == Sparsity.TWO_OF_FOUR
                && layers.stream().allMatch(l -> l.whyDense().isPresent())) {
            throw new CompressionException("no layer can be made 2:4 sparse ("
                    + String.join(
                            "; ",
                            layers.stream()
                                    .limit(3)
                                    .map(l -> l.node() + ": " + l.whyDense().orElseThrow())
                                    .toList())
                    + "); compress without sparsity");
        }
    }
}
