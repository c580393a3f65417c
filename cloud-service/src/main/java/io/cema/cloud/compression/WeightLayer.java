package io.cema.cloud.compression;

import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A convolution or matrix product with stored float32 weights, and where in them output channel, input channel and kernel
 * position stand.
 *
 * @param node name of the node
 * @param op Conv, Gemm or MatMul
 * @param weight name of the constant
 * @param outputs output channels
 * @param inputs input channels of one output channel
 * @param positions of the kernel; 1 for a matrix
 * @param outputStride elements between two output channels
 * @param inputStride elements between two input channels
 */
record WeightLayer(
        String node,
        String op,
        String weight,
        int outputs,
        int inputs,
        int positions,
        int outputStride,
        int inputStride) {
    private static final int OUTPUT_MULTIPLE = 8;
    private static final int INPUT_MULTIPLE = 16;

    /** All of a model, in the order of the graph. */
    static List<WeightLayer> of(OnnxModel model) {
        List<WeightLayer> layers = new ArrayList<>();
        for (OnnxNode node : model.nodes()) {
            of(model, node).ifPresent(layers::add);
        }
        return layers;
    }

    private static Optional<WeightLayer> of(OnnxModel model, OnnxNode node) {
        if (!node.is("Conv") && !node.is("Gemm") && !node.is("MatMul")) {
            return Optional.empty();
        }
        return model.constant(node.input(1))
                .filter(w -> w.type() == OnnxTensor.Type.FLOAT)
                .filter(w -> model.initializers().containsKey(node.input(1)))
                .flatMap(w -> of(node, w));
    }

    private static Optional<WeightLayer> of(OnnxNode node, OnnxTensor weight) {
        int[] dims = Arrays.stream(weight.dims()).mapToInt(Math::toIntExact).toArray();
        if (node.is("Conv") && dims.length == 4) {
            int positions = dims[2] * dims[3];
            return Optional.of(new WeightLayer(
                    node.name(), "Conv", weight.name(), dims[0], dims[1], positions, dims[1] * positions, positions));
        }
        if (node.is("Conv") || dims.length != 2) {
            return Optional.empty();
        }
        boolean outputsFirst = node.is("Gemm") && node.attributes().integer("transB", 0) != 0;
        return Optional.of(
                outputsFirst
                        ? new WeightLayer(node.name(), node.op(), weight.name(), dims[0], dims[1], 1, dims[1], 1)
                        : new WeightLayer(node.name(), node.op(), weight.name(), dims[1], dims[0], 1, 1, dims[1]));
    }

    int size() {
        return outputs * inputs * positions;
    }

    /** Where one weight stands. */
    int index(int output, int input, int position) {
        return output * outputStride + input * inputStride + position;
    }

    /** Axis of the output channels. */
    int outputAxis() {
        return outputStride == 1 && !op.equals("Conv") ? 1 : 0;
    }

    /** Why the sparse tensor cores cannot use this layer; empty if they can. */
    Optional<String> whyDense() {
        if (inputs % INPUT_MULTIPLE != 0) {
            return Optional.of(inputs + " input channels are no multiple of " + INPUT_MULTIPLE);
        }
        if (outputs % OUTPUT_MULTIPLE != 0) {
            return Optional.of(outputs + " output channels are no multiple of " + OUTPUT_MULTIPLE);
        }
        return Optional.empty();
    }
}
