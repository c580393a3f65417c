package io.cema.cloud.adaptation.torch;

import io.cema.protocol.onnx.OnnxNode;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Operators that reduce axes. */
final class ReductionOperators {
    private ReductionOperators() {}

    /** Reduces the axes of a tensor. */
    @FunctionalInterface
    private interface Reduction {
        Tensor run(Tensor x, long[] axes, boolean keep);
    }

    static void register(Map<String, Operators.Factory> table) {
        Reduction mean = (x, axes, keep) -> torch.mean(x, axes, keep, new ScalarTypeOptional());
        Reduction sum = (x, axes, keep) -> torch.sum(x, axes, keep, new ScalarTypeOptional());
        Reduction max = torch::amax;
        Reduction min = torch::amin;
        table.put("ReduceMean", (node, opset) -> reduce(node, opset >= 18, mean));
        table.put("ReduceSum", (node, opset) -> reduce(node, opset >= 13, sum));
        table.put("ReduceMax", (node, opset) -> reduce(node, opset >= 18, max));
        table.put("ReduceMin", (node, opset) -> reduce(node, opset >= 18, min));
        table.put("ReduceProd", (node, opset) -> reduce(node, opset >= 18, ReductionOperators::product));
        table.put("GlobalAveragePool", (node, opset) -> overImage(mean));
        table.put("GlobalMaxPool", (node, opset) -> overImage(max));
    }

    private static Kernel overImage(Reduction reduction) {
        return ElementwiseOperators.single(
                in -> reduction.run(in[0], LongStream.range(2, in[0].dim()).toArray(), true));
    }

    private static Kernel reduce(OnnxNode node, boolean axesAreInput, Reduction reduction) {
        boolean keep = node.attributes().integer("keepdims", 1) != 0;
        boolean nothingByDefault = node.attributes().integer("noop_with_empty_axes", 0) != 0;
        long[] fixed = node.attributes().integers("axes", new long[0]);
        return ElementwiseOperators.single(in -> {
            long[] axes = fixed;
            if (axesAreInput) {
                axes = in.length > 1 && in[1] != null ? TensorData.longs(in[1]) : new long[0];
            }
            if (axes.length == 0) {
                if (nothingByDefault) {
                    return new Tensor(in[0]);
                }
                axes = LongStream.range(0, in[0].dim()).toArray();
            }
            return reduction.run(in[0], axes, keep);
        });
    }

    private static Tensor product(Tensor x, long[] axes, boolean keep) {
        long[] descending = LongStream.of(axes)
                .map(a -> a < 0 ? a + x.dim() : a)
                .boxed()
                .sorted((a, b) -> Long.compare(b, a))
                .mapToLong(Long::longValue)
                .toArray();
        Tensor result = x;
        for (long axis : descending) {
            result = torch.prod(result, axis, keep, new ScalarTypeOptional());
        }
        return result;
    }
}
