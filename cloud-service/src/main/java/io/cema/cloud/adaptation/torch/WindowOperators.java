package io.cema.cloud.adaptation.torch;

import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxNode;
import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Operators that slide a window over the image: convolution and pooling, in two dimensions. */
final class WindowOperators {
    private WindowOperators() {}

    static void register(Map<String, Operators.Factory> table) {
        table.put("Conv", WindowOperators::conv);
        table.put("MaxPool", WindowOperators::maxPool);
        table.put("AveragePool", WindowOperators::averagePool);
    }

    /**
     * Attributes all windows share.
     *
     * @param strides per image axis
     * @param dilations per image axis
     * @param pads top, left, bottom, right; ignored where autoPad says otherwise
     * @param autoPad NOTSET, VALID, SAME_UPPER or SAME_LOWER
     */
    private record Window(long[] strides, long[] dilations, long[] pads, String autoPad) {
        static Window of(OnnxNode node) {
            OnnxAttributes attributes = node.attributes();
            Window window = new Window(
                    attributes.integers("strides", 1, 1),
                    attributes.integers("dilations", 1, 1),
                    attributes.integers("pads", 0, 0, 0, 0),
                    attributes.text("auto_pad", "NOTSET"));
            if (window.strides.length != 2 || window.dilations.length != 2 || window.pads.length != 4) {
                throw new OnnxFormatException(
                        node.describe() + " works on other than two image axes, which is not supported");
            }
            return window;
        }

        /** Padding for this image: top, left, bottom, right. */
        long[] padding(Tensor x, long[] kernel) {
            return switch (autoPad) {
                case "NOTSET" -> pads;
                case "VALID" -> new long[4];
                default -> {
                    long[] result = new long[4];
                    for (int i = 0; i < 2; i++) {
                        long size = x.size(2 + i);
                        long outputs = (size + strides[i] - 1) / strides[i];
                        long reach = (kernel[i] - 1) * dilations[i] + 1;
                        long total = Math.max(0, (outputs - 1) * strides[i] + reach - size);
                        boolean moreAfter = autoPad.equals("SAME_UPPER");
                        result[i] = moreAfter ? total / 2 : total - total / 2;
                        result[2 + i] = total - result[i];
                    }
                    yield result;
                }
            };
        }
    }

    private static boolean isSymmetric(long[] pads) {
        return pads[0] == pads[2] && pads[1] == pads[3];
    }

    private static long[] half(long[] pads) {
        return new long[] {pads[0], pads[1]};
    }

    /** libtorch counts from the last axis and takes both ends of each. */
    private static Tensor padded(Tensor x, long[] pads, double value) {
        return torch.constant_pad_nd(x, new long[] {pads[1], pads[3], pads[0], pads[2]}, new Scalar(value));
    }

    private static Kernel conv(OnnxNode node, int opset) {
        Window window = Window.of(node);
        long groups = node.attributes().integer("group", 1);
        return ElementwiseOperators.single(in -> {
            Tensor weight = in[1];
            long[] pads = window.padding(in[0], new long[] {weight.size(2), weight.size(3)});
            boolean symmetric = isSymmetric(pads);
            return torch.conv2d(
                    symmetric ? in[0] : padded(in[0], pads, 0),
                    weight,
                    ElementwiseOperators.optional(in, 2),
                    window.strides,
                    symmetric ? half(pads) : new long[2],
                    window.dilations,
                    groups);
        });
    }

    private static long[] kernelShape(OnnxNode node) {
        return node.attributes()
                .integers("kernel_shape")
                .filter(k -> k.length == 2)
                .orElseThrow(() ->
                        new OnnxFormatException(node.describe() + " has no kernel_shape of two axes, which is needed"));
    }

    private static Kernel maxPool(OnnxNode node, int opset) {
        if (node.outputs().size() > 1 && !node.outputs().get(1).isEmpty()) {
            throw new OnnxFormatException(node.describe() + ": its output of indices is not supported");
        }
        Window window = Window.of(node);
        long[] kernel = kernelShape(node);
        boolean ceil = node.attributes().integer("ceil_mode", 0) != 0;
        return ElementwiseOperators.single(in -> {
            long[] pads = window.padding(in[0], kernel);
            // libtorch pads at most half a window, and both sides alike.
            boolean native_ = isSymmetric(pads) && pads[0] <= kernel[0] / 2 && pads[1] <= kernel[1] / 2;
            return torch.max_pool2d(
                    native_ ? in[0] : padded(in[0], pads, Double.NEGATIVE_INFINITY),
                    kernel,
                    window.strides,
                    native_ ? half(pads) : new long[2],
                    window.dilations,
                    ceil);
        });
    }

    private static Kernel averagePool(OnnxNode node, int opset) {
        Window window = Window.of(node);
        long[] kernel = kernelShape(node);
        if (window.dilations[0] != 1 || window.dilations[1] != 1) {
            throw new OnnxFormatException(node.describe() + ": dilated averaging is not supported");
        }
        boolean ceil = node.attributes().integer("ceil_mode", 0) != 0;
        boolean countPadding = node.attributes().integer("count_include_pad", 0) != 0;
        return ElementwiseOperators.single(in -> {
            long[] pads = window.padding(in[0], kernel);
            if (isSymmetric(pads) && pads[0] <= kernel[0] / 2 && pads[1] <= kernel[1] / 2) {
                return average(in[0], kernel, window, half(pads), ceil, countPadding);
            }
            Tensor sum = average(padded(in[0], pads, 0), kernel, window, new long[2], ceil, true);
            if (countPadding) {
                return sum;
            }
            Tensor share = average(padded(torch.ones_like(in[0]), pads, 0), kernel, window, new long[2], ceil, true);
            return torch.div(sum, share);
        });
    }

    private static Tensor average(
            Tensor x, long[] kernel, Window window, long[] pads, boolean ceil, boolean countPadding) {
        return torch.avg_pool2d(x, kernel, window.strides, pads, ceil, countPadding, new LongOptional());
    }
}
