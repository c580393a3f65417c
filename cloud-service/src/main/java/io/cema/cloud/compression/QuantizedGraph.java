package io.cema.cloud.compression;

import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxGraphEditor;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model with QuantizeLinear and DequantizeLinear around everything that its plan computes in integers. Weights are
 * symmetric per output channel, activations symmetric per tensor: INT8, or UINT8 with zero point 0 where nothing is below 0
 * (with INT8, ONNX Runtime would have to compute the Relu before it in float).
 *
 * <p>An activation's range fills 127 steps, also of the 255 of UINT8. That is the very INT8 that TensorRT takes, and what
 * an adaptation makes larger still has room.
 *
 * <p>Without VNNI, x86 adds two neighbouring products of UINT8 and INT8 in 16 bits, which saturate. 127 steps of an
 * unsigned activation never do; a signed one runs as UINT8 around 128, so the weights behind it have 64 steps.
 */
final class QuantizedGraph {
    private static final int ACTIVATION_STEPS = 127;
    private static final int STEPS_BEHIND_UNSIGNED = 127;
    private static final int STEPS_BEHIND_SIGNED = 64;
    /** Of a channel or value that is 0 throughout. */
    private static final float SMALLEST_SCALE = 1e-8f;

    private static final String SCALE = ".scale";

    private final OnnxModel model;
    private final QuantizationPlan plan;

    QuantizedGraph(OnnxModel model, QuantizationPlan plan) {
        this.model = model;
        this.plan = plan;
    }

    /**
     * With the weights still floats, behind QuantizeLinear: for training.
     *
     * @param ranges largest magnitude by value, for each of the plan's
     */
    OnnxModel forTraining(Map<String, Float> ranges) {
        OnnxGraphEditor editor = model.edit();
        Map<String, String> quantised = new HashMap<>();
        plan.activations().forEach((value, source) -> {
            boolean unsigned = plan.isNonNegative(value);
            float scale = Math.max(SMALLEST_SCALE, ranges.get(source) / ACTIVATION_STEPS);
            quantised.put(value, pair(editor, value, unsigned, OnnxAttributes.none(), scale));
        });
        plan.readers()
                .forEach((node, inputs) -> inputs.forEach(i -> editor.replaceNode(editor.node(node)
                        .withInput(i, quantised.get(model.node(node).input(i))))));
        for (WeightLayer layer : plan.layers()) {
            OnnxAttributes axis = OnnxAttributes.none().with("axis", layer.outputAxis());
            float[] scales = weightScales(layer);
            String value = pair(editor, layer.weight(), false, axis, scales);
            editor.replaceNode(editor.node(layer.node()).withInput(1, value));
        }
        return editor.build();
    }

    /** Adds a pair behind the value; returns what comes out. */
    private static String pair(
            OnnxGraphEditor editor, String value, boolean unsigned, OnnxAttributes axis, float... scales) {
        long[] dims = axis.has("axis") ? new long[] {scales.length} : new long[0];
        OnnxTensor.Type type = unsigned ? OnnxTensor.Type.UINT8 : OnnxTensor.Type.INT8;
        String scale = editor.unusedName(value + SCALE);
        editor.addInitializer(OnnxTensor.of(scale, scales, dims));
        String zero = editor.unusedName(value + ".zero");
        editor.addInitializer(OnnxTensor.of(zero, type, new byte[scales.length], dims));
        String integers = editor.unusedName(value + ".quantized");
        editor.addNode(OnnxNode.of(integers, "QuantizeLinear", axis, integers, value, scale, zero));
        String floats = editor.unusedName(value + ".dequantized");
        editor.addNode(OnnxNode.of(floats, "DequantizeLinear", axis, floats, integers, scale, zero));
        return floats;
    }

    private float[] weightScales(WeightLayer layer) {
        float[] weights = model.constant(layer.weight()).orElseThrow().floats();
        int steps = steps(layer);
        float[] scales = new float[layer.outputs()];
        for (int o = 0; o < scales.length; o++) {
            float largest = 0;
            for (int i = 0; i < layer.inputs(); i++) {
                for (int k = 0; k < layer.positions(); k++) {
                    largest = Math.max(largest, Math.abs(weights[layer.index(o, i, k)]));
                }
            }
            scales[o] = Math.max(SMALLEST_SCALE, largest / steps);
        }
        return scales;
    }

    private int steps(WeightLayer layer) {
        String input = model.node(layer.node()).input(0);
        return plan.isNonNegative(input) ? STEPS_BEHIND_UNSIGNED : STEPS_BEHIND_SIGNED;
    }

    /** Largest magnitude of each weight, by name of the weight: beyond it lies no integer. */
    Map<String, float[]> limits() {
        Map<String, float[]> limits = new LinkedHashMap<>();
        for (WeightLayer layer : plan.layers()) {
            float[] scales = weightScales(layer);
            float[] limit = new float[layer.size()];
            for (int o = 0; o < layer.outputs(); o++) {
                for (int i = 0; i < layer.inputs(); i++) {
                    for (int k = 0; k < layer.positions(); k++) {
                        limit[layer.index(o, i, k)] = scales[o] * steps(layer);
                    }
                }
            }
            limits.put(layer.weight(), limit);
        }
        return limits;
    }

    /** With the weights as integers, normalisation still standing. */
    static OnnxModel withIntegers(OnnxModel trained) {
        OnnxGraphEditor editor = trained.edit();
        for (OnnxNode node : trained.nodes()) {
            if (!node.is("QuantizeLinear") || trained.constant(node.input(0)).isEmpty()) {
                continue;
            }
            OnnxTensor weight = trained.constant(node.input(0)).orElseThrow();
            float[] scales = trained.constant(node.input(1)).orElseThrow().floats();
            editor.removeNode(node.name());
            editor.addInitializer(OnnxTensor.of(
                    node.output(),
                    OnnxTensor.Type.INT8,
                    integers(weight, scales, (int) node.attributes().integer("axis", 0)),
                    weight.dims()));
        }
        return editor.build();
    }

    private static byte[] integers(OnnxTensor weight, float[] scales, int axis) {
        long[] dims = weight.dims();
        int inner = 1;
        for (int i = axis + 1; i < dims.length; i++) {
            inner *= (int) dims[i];
        }
        float[] values = weight.floats();
        byte[] integers = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            // As libtorch's fake quantisation: times the inverse, rounded half to even.
            float inverse = 1f / scales[i / inner % scales.length];
            integers[i] = (byte) Math.max(-STEPS_BEHIND_UNSIGNED, Math.min(127, Math.rint(values[i] * inverse)));
        }
        return integers;
    }
}
