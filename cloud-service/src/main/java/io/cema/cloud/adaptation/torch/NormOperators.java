package io.cema.cloud.adaptation.torch;

import io.cema.protocol.onnx.OnnxNode;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Normalisation without running statistics: layer, group, instance. */
final class NormOperators {
    private static final double DEFAULT_EPSILON = 1e-5;

    private NormOperators() {}

    static void register(Map<String, Operators.Factory> table) {
        table.put("LayerNormalization", NormOperators::layer);
        table.put("GroupNormalization", NormOperators::group);
        table.put("InstanceNormalization", NormOperators::instance);
    }

    private static double epsilon(OnnxNode node) {
        return node.attributes().real("epsilon", DEFAULT_EPSILON);
    }

    private static Kernel layer(OnnxNode node, int opset) {
        long axis = node.attributes().integer("axis", -1);
        double epsilon = epsilon(node);
        return ElementwiseOperators.single(in -> {
            long[] shape = in[0].shape();
            long[] normalised = Arrays.copyOfRange(shape, (int) (axis < 0 ? axis + shape.length : axis), shape.length);
            return torch.layer_norm(
                    in[0], normalised, shaped(in, 1, normalised), shaped(in, 2, normalised), epsilon, false);
        });
    }

    private static TensorOptional shaped(Tensor[] in, int index, long[] shape) {
        if (index >= in.length || in[index] == null) {
            return new TensorOptional();
        }
        return new TensorOptional(in[index].reshape(shape));
    }

    /** Up to operator set 20 scale and shift are per group, from 21 on per channel. */
    private static Kernel group(OnnxNode node, int opset) {
        long groups = node.attributes().integer("num_groups", 1);
        double epsilon = epsilon(node);
        return ElementwiseOperators.single(in -> torch.group_norm(
                in[0], groups, perChannel(in[1], in[0].size(1)), perChannel(in[2], in[0].size(1)), epsilon, false));
    }

    private static TensorOptional perChannel(Tensor parameter, long channels) {
        long repeats = channels / parameter.numel();
        return new TensorOptional(
                repeats == 1
                        ? parameter
                        : torch.repeat_interleave(parameter, repeats, new LongOptional(0), new LongOptional()));
    }

    private static Kernel instance(OnnxNode node, int opset) {
        double epsilon = epsilon(node);
        return ElementwiseOperators.single(in -> torch.instance_norm(
                in[0],
                new TensorOptional(in[1]),
                new TensorOptional(in[2]),
                new TensorOptional(),
                new TensorOptional(),
                true,
                0,
                epsilon,
                false));
    }
}
