package io.cema.protocol.onnx;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a compressed model's file tells, in its metadata, of the normalisation layers that stand folded in it: enough to
 * take each of them out again without loss.
 *
 * @param model the file as written
 * @param layers one entry per folded layer, in the order of the graph
 */
record FoldRecord(OnnxModel model, List<Layer> layers) {
    private static final String KEY = "cema.folded.layers";
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * One folded batch normalisation. Arrays of float32 stand in base64, little-endian.
     *
     * @param name of the normalisation layer
     * @param epsilon its epsilon
     * @param node the convolution it is folded into
     * @param weight name of the integer weights
     * @param weightScale name of their scales, folded
     * @param bias name of the bias, folded
     * @param gamma scale, likewise beta, mean and variance: the layer's own parameters
     * @param scales of the integer weights without the layer
     * @param ownBias of the convolution without the layer; empty if it has none
     * @param flipped channels whose integers have the other sign in the file
     */
    record Layer(
            String name,
            double epsilon,
            String node,
            String weight,
            String weightScale,
            String bias,
            String gamma,
            String beta,
            String mean,
            String variance,
            String scales,
            String ownBias,
            List<Integer> flipped) {}

    FoldRecord {
        layers = List.copyOf(layers);
    }

    static boolean isIn(OnnxModel model) {
        return model.metadata().containsKey(KEY);
    }

    /** @throws OnnxFormatException if the entry is damaged */
    static FoldRecord read(OnnxModel model) {
        try {
            return new FoldRecord(
                    model, JSON.readValue(model.metadata().get(KEY), new TypeReference<List<Layer>>() {}));
        } catch (JsonProcessingException e) {
            throw new OnnxFormatException(
                    "metadata " + KEY + " cannot be read: " + e.getOriginalMessage() + "; compress the model again", e);
        }
    }

    static void write(OnnxGraphEditor editor, List<Layer> layers) {
        try {
            editor.metadata(KEY, JSON.writeValueAsString(layers));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the record of the folded layers cannot be written", e);
        }
    }

    /** By layer, the constants that an update rewrites. */
    Map<String, List<String>> touches() {
        Map<String, List<String>> touches = new LinkedHashMap<>();
        layers.forEach(l -> touches.put(l.name(), List.of(l.weight(), l.weightScale(), l.bias())));
        return touches;
    }

    /** The file with every folded layer standing behind its convolution again. */
    byte[] unfold() {
        OnnxGraphEditor editor = model.edit().withoutMetadata(KEY);
        layers.forEach(l -> unfold(editor, l));
        return editor.toBytes();
    }

    private void unfold(OnnxGraphEditor editor, Layer layer) {
        OnnxTensor weight = constant(layer, layer.weight());
        float[] scales = floats(layer, layer.scales());
        int channels = scales.length;
        editor.replaceInitializer(OnnxTensor.of(
                layer.weight(),
                weight.type(),
                QuantizedFold.flipped(
                        weight.bytes(),
                        layer.flipped().stream().mapToInt(Integer::intValue).toArray(),
                        channels),
                weight.dims()));
        editor.replaceInitializer(OnnxTensor.of(layer.weightScale(), scales, channels));
        OnnxNode conv;
        try {
            conv = editor.node(layer.node());
        } catch (IllegalArgumentException e) {
            throw damaged(layer, e.getMessage());
        }
        List<String> inputs = new ArrayList<>(conv.inputs());
        if (layer.ownBias().isEmpty()) {
            inputs.remove(2);
        } else {
            editor.replaceInitializer(OnnxTensor.of(layer.bias(), floats(layer, layer.ownBias()), channels));
        }
        String output = conv.output();
        String raw = editor.unusedName(output + ".raw");
        editor.replaceNode(
                new OnnxNode(conv.name(), conv.domain(), conv.op(), inputs, List.of(raw), conv.attributes()));
        String[] values = {layer.gamma(), layer.beta(), layer.mean(), layer.variance()};
        String[] names = {".weight", ".bias", ".running_mean", ".running_var"};
        String[] bnInputs = new String[5];
        bnInputs[0] = raw;
        for (int i = 0; i < 4; i++) {
            bnInputs[i + 1] = editor.unusedName(layer.name() + names[i]);
            editor.addInitializer(OnnxTensor.of(bnInputs[i + 1], floats(layer, values[i]), channels));
        }
        editor.addNode(OnnxNode.of(
                layer.name(),
                "BatchNormalization",
                OnnxAttributes.none().with("epsilon", layer.epsilon()),
                output,
                bnInputs));
    }

    private OnnxTensor constant(Layer layer, String name) {
        return model.constant(name).orElseThrow(() -> damaged(layer, "there is no constant " + name));
    }

    private static OnnxFormatException damaged(Layer layer, String reason) {
        return new OnnxFormatException("metadata " + KEY + ", layer " + layer.name() + ": " + reason
                + "; the file was changed after it was compressed, compress the model again");
    }

    static String text(float[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return Base64.getEncoder().encodeToString(buffer.array());
    }

    private static float[] floats(Layer layer, String text) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw damaged(layer, e.getMessage());
        }
        float[] values = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }
}
