package io.cema.cloud.adaptation.torch;

import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Quantisation in floats: the values an integer engine computes with, and the straight-through gradient (that of the
 * identity within the integers' range, 0 beyond it). Rounds half to even, as ONNX does.
 */
final class FakeQuantization {
    private static final int STEPS = 255;

    private FakeQuantization() {}

    /** QuantizeLinear and the DequantizeLinear behind it in one. */
    static Kernel kernel(OnnxModel model, OnnxNode node) {
        OnnxTensor scale = scale(model, node);
        Optional<OnnxTensor> zero = zeroPoint(model, node);
        long lowest = lowest(zero);
        long highest = lowest + STEPS;
        if (scale.size() == 1) {
            double step = scale.floats()[0];
            long origin = zero.map(z -> z.longs()[0]).orElse(0L);
            return ElementwiseOperators.single(
                    in -> torch.fake_quantize_per_tensor_affine(in[0], step, origin, lowest, highest));
        }
        long axis = node.attributes().integer("axis", 1);
        long[] origins = zero.map(OnnxTensor::longs).orElseGet(() -> new long[scale.size()]);
        return ElementwiseOperators.single(in -> {
            Tensor origin = TensorData.of(origins, origins.length).to(torch.ScalarType.Int);
            Tensor placed = in[0].is_cuda() ? origin.to(in[0].device(), torch.ScalarType.Int) : origin;
            return torch.fake_quantize_per_channel_affine(
                    in[0], in[1].flatten(), placed, axis < 0 ? axis + in[0].dim() : axis, lowest, highest);
        });
    }

    /**
     * Values that keep within an activation's integers, rounding included.
     *
     * @param lowest minus infinity where the lowest integer stands for 0: that it stops there is a Relu's work
     */
    record Range(double lowest, double highest) {}

    /** Of QuantizeLinear with one scale. */
    static Range range(OnnxModel model, OnnxNode node) {
        double step = scale(model, node).floats()[0];
        Optional<OnnxTensor> zero = zeroPoint(model, node);
        long origin = zero.map(z -> z.longs()[0]).orElse(0L);
        long lowest = lowest(zero);
        return new Range(
                origin == lowest ? Double.NEGATIVE_INFINITY : (lowest - origin - 0.5) * step,
                (lowest + STEPS - origin + 0.5) * step);
    }

    private static long lowest(Optional<OnnxTensor> zero) {
        return zero.filter(z -> z.type() == OnnxTensor.Type.INT8).isPresent() ? -128 : 0;
    }

    /** @throws OnnxFormatException if integers reach DequantizeLinear from anything but a QuantizeLinear like it */
    static void requirePair(OnnxModel model, OnnxNode dequantize) {
        OnnxNode quantize = model.producer(dequantize.input(0))
                .filter(n -> n.is("QuantizeLinear"))
                .orElseThrow(() -> new OnnxFormatException(dequantize.describe()
                        + " reads integers that no QuantizeLinear makes, which is not supported"));
        for (OnnxNode reader : model.consumers(quantize.output())) {
            if (!reader.is("DequantizeLinear")) {
                throw new OnnxFormatException(reader.describe() + " works on the integers of " + quantize.describe()
                        + ", which is not supported; export the model in the Q/DQ format");
            }
        }
        float[] one = scale(model, quantize).floats();
        float[] other = scale(model, dequantize).floats();
        if (!Arrays.equals(one, other)) {
            throw new OnnxFormatException(
                    quantize.describe() + " and " + dequantize.describe() + " differ in scale, which is not supported");
        }
    }

    /** The floats that stored integers stand for. */
    static OnnxTensor dequantized(OnnxModel model, OnnxNode node) {
        OnnxTensor integers = model.constant(node.input(0)).orElseThrow();
        float[] scale = scale(model, node).floats();
        long[] origin = zeroPoint(model, node).map(OnnxTensor::longs).orElseGet(() -> new long[scale.length]);
        long[] values = integers.longs();
        long[] dims = integers.dims();
        int axis = (int) node.attributes().integer("axis", 1);
        int inner = 1;
        for (int i = (axis < 0 ? axis + dims.length : axis) + 1; scale.length > 1 && i < dims.length; i++) {
            inner *= (int) dims[i];
        }
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            int c = scale.length == 1 ? 0 : i / inner % scale.length;
            floats[i] = (values[i] - origin[c]) * scale[c];
        }
        return OnnxTensor.of(node.output(), floats, dims);
    }

    private static OnnxTensor scale(OnnxModel model, OnnxNode node) {
        return model.constant(node.input(1))
                .orElseThrow(() -> new OnnxFormatException(
                        node.describe() + ": its scale is computed, which is not supported; store it in the model"));
    }

    private static Optional<OnnxTensor> zeroPoint(OnnxModel model, OnnxNode node) {
        if (!node.hasInput(2)) {
            return Optional.empty();
        }
        return Optional.of(model.constant(node.input(2))
                .filter(z -> z.type() == OnnxTensor.Type.INT8
                        || z.type() == OnnxTensor.Type.UINT8
                        || z.type() == OnnxTensor.Type.INT32)
                .orElseThrow(() -> new OnnxFormatException(node.describe()
                        + ": its zero point is computed or of another type than INT8, UINT8 and INT32, which is not"
                        + " supported")));
    }
}
