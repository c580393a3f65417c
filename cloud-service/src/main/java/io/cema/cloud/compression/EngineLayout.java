package io.cema.cloud.compression;

import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxGraphEditor;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Writes a quantised model so that ONNX Runtime has a fast kernel for each of its parts. The integers that come out are the
 * same, bit for bit.
 *
 * <ul>
 *   <li>Its fast x86 convolution takes input channels in fours. An image has three: a fourth of zeros is put before it.
 *   <li>A parameter-free shortcut of a residual net (He et al., CVPR 2016, option A), a Slice with steps and a Pad of
 *       channels, would leave the integers for the Pad: as a 1x1 convolution with that stride and weights of 1 it does not.
 * </ul>
 */
final class EngineLayout {
    private static final int CHANNEL_MULTIPLE = 4;

    private final OnnxModel model;
    private final OnnxGraphEditor editor;

    private EngineLayout(OnnxModel model) {
        this.model = model;
        this.editor = model.edit();
    }

    /** @param quantised with integer weights, normalisation still standing */
    static OnnxModel of(OnnxModel quantised) {
        EngineLayout layout = new EngineLayout(quantised);
        layout.widenInput();
        quantised.nodes().stream().filter(n -> n.is("Pad")).forEach(layout::convolveShortcut);
        return layout.editor.build();
    }

    private void widenInput() {
        String input = model.input().name();
        Optional<OnnxNode> quantize = model.soleConsumer(input).filter(n -> n.is("QuantizeLinear"));
        Optional<OnnxNode> conv = quantize.flatMap(q -> model.soleConsumer(q.output()))
                .flatMap(dequantize -> model.soleConsumer(dequantize.output()))
                .filter(n -> n.is("Conv") && n.attributes().integer("group", 1) == 1);
        Optional<OnnxTensor> weight = conv.flatMap(this::integerWeight);
        if (weight.isEmpty()) {
            return;
        }
        long channels = weight.get().dims()[1];
        long missing = (CHANNEL_MULTIPLE - channels % CHANNEL_MULTIPLE) % CHANNEL_MULTIPLE;
        if (missing == 0) {
            return;
        }
        editor.replaceInitializer(withZeroChannels(weight.get(), (int) missing));
        String pads = editor.unusedName(input + ".pads");
        editor.addInitializer(OnnxTensor.of(pads, new long[] {0, 0, 0, 0, 0, missing, 0, 0}, 8));
        String wide = editor.unusedName(input + ".wide");
        editor.addNode(OnnxNode.of(wide, "Pad", OnnxAttributes.none(), wide, input, pads));
        editor.replaceNode(editor.node(quantize.get().name()).withInput(0, wide));
    }

    private Optional<OnnxTensor> integerWeight(OnnxNode conv) {
        return model.producer(conv.input(1))
                .filter(n -> n.is("DequantizeLinear"))
                .flatMap(n -> model.constant(n.input(0)))
                .filter(w -> w.dims().length == 4);
    }

    private static OnnxTensor withZeroChannels(OnnxTensor weight, int more) {
        long[] dims = weight.dims();
        int each = (int) (dims[1] * dims[2] * dims[3]);
        int wide = each + (int) (more * dims[2] * dims[3]);
        byte[] from = weight.bytes();
        byte[] to = new byte[(int) dims[0] * wide];
        for (int o = 0; o < dims[0]; o++) {
            System.arraycopy(from, o * each, to, o * wide, each);
        }
        dims[1] += more;
        return OnnxTensor.of(weight.name(), weight.type(), to, dims);
    }

    /** Where the Pad is the end of such a shortcut; anything else stays as it is. */
    private void convolveShortcut(OnnxNode pad) {
        Optional<OnnxNode> dequantize = model.producer(pad.input(0)).filter(n -> n.is("DequantizeLinear"));
        Optional<OnnxNode> quantize = dequantize.flatMap(n -> model.producer(n.input(0)));
        Optional<OnnxNode> slice =
                quantize.flatMap(n -> model.producer(n.input(0))).filter(n -> n.is("Slice"));
        Optional<OnnxNode> source =
                slice.flatMap(n -> model.producer(n.input(0))).filter(n -> n.is("DequantizeLinear"));
        if (source.isEmpty()
                || List.of(slice.get(), quantize.get(), dequantize.get()).stream()
                        .anyMatch(n -> model.soleConsumer(n.output()).isEmpty())
                || !sameStep(source.get(), dequantize.get())) {
            return;
        }
        Optional<long[]> strides = strides(slice.get());
        Optional<long[]> around = channelPads(pad);
        OptionalLong channels = channels(slice.get().input(0));
        if (strides.isEmpty() || around.isEmpty() || channels.isEmpty()) {
            return;
        }
        editor.removeNode(slice.get().name())
                .removeNode(quantize.get().name())
                .removeNode(dequantize.get().name());
        String weight = identity(pad.name(), (int) channels.getAsLong(), around.get());
        OnnxAttributes attributes =
                OnnxAttributes.none().with("kernel_shape", new long[] {1, 1}).with("strides", strides.get());
        editor.replaceNode(OnnxNode.of(
                pad.name(), "Conv", attributes, pad.output(), slice.get().input(0), weight));
    }

    private boolean sameStep(OnnxNode one, OnnxNode other) {
        return Arrays.equals(floats(one.input(1)), floats(other.input(1)))
                && model.constant(one.input(2))
                        .map(OnnxTensor::type)
                        .equals(model.constant(other.input(2)).map(OnnxTensor::type));
    }

    private float[] floats(String constant) {
        return model.constant(constant).orElseThrow().floats();
    }

    /** Of a Slice that takes every so-manyth row and column from the first to the last. */
    private Optional<long[]> strides(OnnxNode slice) {
        List<Optional<long[]>> inputs = List.of(1, 2, 3, 4).stream()
                .map(i -> slice.hasInput(i) ? longs(slice.input(i)) : Optional.<long[]>empty())
                .toList();
        if (inputs.stream().anyMatch(Optional::isEmpty)) {
            return Optional.empty();
        }
        boolean whole = Arrays.stream(inputs.get(0).get()).allMatch(start -> start == 0)
                && Arrays.stream(inputs.get(1).get()).allMatch(end -> end >= Integer.MAX_VALUE)
                && Arrays.equals(inputs.get(2).get(), new long[] {2, 3});
        return inputs.get(3).filter(steps -> whole && Arrays.stream(steps).allMatch(step -> step > 0));
    }

    /** Channels of zeros that a Pad puts before and behind, if it does nothing else. */
    private Optional<long[]> channelPads(OnnxNode pad) {
        boolean zeros = pad.attributes().text("mode", "constant").equals("constant")
                && !pad.hasInput(3)
                && (!pad.hasInput(2)
                        || model.constant(pad.input(2))
                                .filter(v -> v.floats()[0] == 0)
                                .isPresent());
        return longs(pad.input(1))
                .filter(p -> zeros && p.length == 8 && p[1] >= 0 && p[5] >= 0)
                .filter(p -> p[0] == 0 && p[2] == 0 && p[3] == 0 && p[4] == 0 && p[6] == 0 && p[7] == 0)
                .map(p -> new long[] {p[1], p[5]});
    }

    private Optional<long[]> longs(String value) {
        return model.constant(value).map(OnnxTensor::longs);
    }

    /** Read off the weights of a convolution beside. */
    private OptionalLong channels(String value) {
        return model.consumers(value).stream()
                .filter(n -> n.is("Conv") && n.attributes().integer("group", 1) == 1)
                .map(this::integerWeight)
                .flatMap(Optional::stream)
                .mapToLong(w -> w.dims()[1])
                .findFirst();
    }

    /** Adds weights that copy each channel, and leave the ones around zero; returns their dequantised value. */
    private String identity(String name, int channels, long[] around) {
        int before = (int) around[0];
        int outputs = before + channels + (int) around[1];
        byte[] ones = new byte[outputs * channels];
        for (int c = 0; c < channels; c++) {
            ones[(before + c) * channels + c] = 1;
        }
        float[] scales = new float[outputs];
        Arrays.fill(scales, 1);
        String weight = editor.unusedName(name + ".weight");
        editor.addInitializer(OnnxTensor.of(weight, OnnxTensor.Type.INT8, ones, outputs, channels, 1, 1));
        String scale = editor.unusedName(weight + ".scale");
        editor.addInitializer(OnnxTensor.of(scale, scales, outputs));
        String zero = editor.unusedName(weight + ".zero");
        editor.addInitializer(OnnxTensor.of(zero, OnnxTensor.Type.INT8, new byte[outputs], outputs));
        String floats = editor.unusedName(weight + ".dequantized");
        editor.addNode(OnnxNode.of(
                floats, "DequantizeLinear", OnnxAttributes.none().with("axis", 0), floats, weight, scale, zero));
        return floats;
    }
}
