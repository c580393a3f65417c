package io.cema.cloud.adaptation.torch;

import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.List;

/** Small networks with the very chains of operators PyTorch's exporter writes for the usual architectures. */
final class Networks {
    private static final OnnxAttributes NONE = OnnxAttributes.none();
    static final int SIDE = 16;
    static final int CLASSES = 7;

    final OnnxBuilder net;
    private int count;

    private Networks(OnnxBuilder net) {
        this.net = net;
    }

    private String name(String kind) {
        return kind + "_" + count++;
    }

    private String ints(long... values) {
        return net.constant(OnnxTensor.of(name("ints"), values, values.length));
    }

    private String index(long value) {
        return net.constant(OnnxTensor.of(name("index"), new long[] {value}));
    }

    private String real(double value) {
        return net.constant(OnnxTensor.of(name("real"), new float[] {(float) value}));
    }

    String input() {
        return net.input("input", SIDE, SIDE);
    }

    private String bn(String x, int channels) {
        String name = name("bn");
        return net.node(
                name,
                "BatchNormalization",
                NONE,
                x,
                net.normal(name + ".weight", 1, .2, channels),
                net.normal(name + ".bias", 0, .2, channels),
                net.normal(name + ".mean", 0, .2, channels),
                net.filled(name + ".var", 1.3, channels));
    }

    String conv(String x, int in, int out, int kernel, int stride, int groups) {
        return net.conv(name("conv"), x, in, out, kernel, stride, groups, false);
    }

    String classify(String x, int channels) {
        return net.linear("fc", net.flatten(net.globalAveragePool(x)), channels, CLASSES);
    }

    OnnxModel build(String logits) {
        return net.output("logits", logits, CLASSES).build();
    }

    /** A network that sees pixels from 0 to 1, with what the registry would know of it. */
    static Distiller.Part part(String name, OnnxModel model, int side, int classes) {
        return part(name, model, side, classes, new Preprocessing(List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)));
    }

    static Distiller.Part part(String name, OnnxModel model, int side, int classes, Preprocessing preprocessing) {
        byte[] bytes = model.toBytes();
        return new Distiller.Part(
                bytes,
                new ModelManifest(
                        "0".repeat(64),
                        name,
                        bytes.length,
                        17,
                        "input",
                        side,
                        side,
                        "logits",
                        classes,
                        List.of(),
                        preprocessing,
                        model.normLayers()));
    }

    static Networks start(int opset) {
        return new Networks(new OnnxBuilder("net", opset, 5));
    }

    static OnnxModel resnet() {
        Networks n = start(13);
        String x = n.net.relu(n.bn(n.conv(n.input(), 3, 8, 7, 2, 1), 8));
        x = n.net.node(
                "pool",
                "MaxPool",
                NONE.with("kernel_shape", new long[] {3, 3})
                        .with("strides", new long[] {2, 2})
                        .with("pads", new long[] {1, 1, 1, 1}),
                x);
        String y = n.bn(n.conv(n.net.relu(n.bn(n.conv(x, 8, 16, 3, 2, 1), 16)), 16, 16, 3, 1, 1), 16);
        String shortcut = n.bn(n.conv(x, 8, 16, 1, 2, 1), 16);
        return n.build(n.classify(n.net.relu(n.net.add(y, shortcut)), 16));
    }

    static OnnxModel resnetWithGroupNorm() {
        Networks n = start(17);
        String x = n.conv(n.input(), 3, 8, 3, 1, 1);
        x = n.net.relu(n.groupNorm(x, 8, 4));
        x = n.net.add(x, n.groupNorm(n.conv(x, 8, 8, 3, 1, 1), 8, 2));
        return n.build(n.classify(n.net.relu(x), 8));
    }

    private String groupNorm(String x, int channels, int groups) {
        String y = net.node("Reshape", x, ints(0, groups, -1));
        String name = name("gn");
        y = net.node(
                name,
                "InstanceNormalization",
                NONE.with("epsilon", 1e-5),
                y,
                net.filled(name + ".one", 1, groups),
                net.filled(name + ".zero", 0, groups));
        y = net.node("Reshape", y, net.node("Shape", x));
        y = net.node("Mul", y, net.normal(name + ".weight", 1, .2, channels, 1, 1));
        return net.node("Add", y, net.normal(name + ".bias", 0, .2, channels, 1, 1));
    }

    static OnnxModel mobilenetV2() {
        Networks n = start(12);
        String x = n.relu6(n.bn(n.conv(n.input(), 3, 8, 3, 2, 1), 8));
        String y = n.relu6(n.bn(n.conv(x, 8, 24, 1, 1, 1), 24));
        y = n.relu6(n.bn(n.conv(y, 24, 24, 3, 1, 24), 24));
        x = n.net.add(x, n.bn(n.conv(y, 24, 8, 1, 1, 1), 8));
        return n.build(n.classify(x, 8));
    }

    private String relu6(String x) {
        return net.node("Clip", x, real(0), real(6));
    }

    static OnnxModel mobilenetV3() {
        Networks n = start(14);
        String x = n.net.node("HardSwish", n.bn(n.conv(n.input(), 3, 8, 3, 2, 1), 8));
        String y = n.net.node("HardSwish", n.bn(n.conv(x, 8, 16, 5, 1, 8), 16));
        String gate = n.net.globalAveragePool(y);
        gate = n.net.relu(n.net.conv("se1", gate, 16, 4, 1, 1, 1, true));
        gate = n.net.conv("se2", gate, 4, 16, 1, 1, 1, true);
        gate = n.net.node("hs", "HardSigmoid", NONE.with("alpha", 1 / 6.0), gate);
        y = n.bn(n.conv(n.net.node("Mul", y, gate), 16, 8, 1, 1, 1), 8);
        return n.build(n.classify(n.net.add(x, y), 8));
    }

    static OnnxModel efficientnet() {
        Networks n = start(17);
        String x = n.silu(n.bn(n.conv(n.input(), 3, 8, 3, 2, 1), 8));
        String gate = n.net.node("mean", "ReduceMean", NONE.with("axes", new long[] {2, 3}), x);
        gate = n.silu(n.net.conv("se1", gate, 8, 2, 1, 1, 1, true));
        gate = n.net.node("Sigmoid", n.net.conv("se2", gate, 2, 8, 1, 1, 1, true));
        x = n.bn(n.conv(n.net.node("Mul", gate, x), 8, 8, 3, 1, 8), 8);
        return n.build(n.classify(n.silu(x), 8));
    }

    private String silu(String x) {
        return net.node("Mul", x, net.node("Sigmoid", x));
    }

    static OnnxModel convnext() {
        Networks n = start(17);
        OnnxAttributes patches = NONE.with("kernel_shape", new long[] {4, 4}).with("strides", new long[] {4, 4});
        String x = n.net.node("stem", "Conv", patches, n.input(), n.net.normal("w", 0, .3, 8, 3, 4, 4));
        // LayerNorm2d: the exporter moves the channels to the end and back.
        x = n.transpose(n.layerNorm(n.transpose(x, 0, 2, 3, 1), 8), 0, 3, 1, 2);
        String y = n.transpose(n.conv(x, 8, 8, 7, 1, 8), 0, 2, 3, 1);
        y = n.layerNorm(y, 8);
        y = n.gelu(n.net.add(n.net.node("MatMul", y, n.net.normal("m1", 0, .3, 8, 32)), n.net.filled("b1", .1, 32)));
        y = n.net.add(n.net.node("MatMul", y, n.net.normal("m2", 0, .3, 32, 8)), n.net.filled("b2", .1, 8));
        y = n.net.node("Mul", n.net.filled("layer_scale", .5, 8, 1, 1), n.transpose(y, 0, 3, 1, 2));
        x = n.net.add(y, x);
        x = n.net.node(
                "Flatten",
                n.transpose(n.layerNorm(n.transpose(n.net.globalAveragePool(x), 0, 2, 3, 1), 8), 0, 3, 1, 2));
        return n.build(n.net.linear("head", x, 8, CLASSES));
    }

    private String transpose(String x, long... order) {
        return net.node(name("transpose"), "Transpose", NONE.with("perm", order), x);
    }

    private String layerNorm(String x, int channels) {
        String name = name("ln");
        return net.node(
                name,
                "LayerNormalization",
                NONE.with("epsilon", 1e-6).with("axis", -1),
                x,
                net.normal(name + ".weight", 1, .2, channels),
                net.normal(name + ".bias", 0, .2, channels));
    }

    /** Up to operator set 19 Gelu is written out. */
    private String gelu(String x) {
        String erf = net.node("Erf", net.node("Div", x, real(Math.sqrt(2))));
        return net.node("Mul", net.node("Mul", x, net.node("Add", erf, real(1))), real(.5));
    }

    private String writtenOutLayerNorm(String x, int channels) {
        OnnxAttributes last = NONE.with("axes", new long[] {-1});
        String centred = net.node("Sub", x, net.node(name("mean"), "ReduceMean", last, x));
        String variance = net.node(name("variance"), "ReduceMean", last, net.node("Pow", centred, real(2)));
        String y = net.node("Div", centred, net.node("Sqrt", net.node("Add", variance, real(1e-5))));
        String name = name("ln");
        y = net.node("Mul", y, net.normal(name + ".weight", 1, .2, channels));
        return net.node("Add", y, net.normal(name + ".bias", 0, .2, channels));
    }

    static OnnxModel visionTransformer() {
        Networks n = start(14);
        OnnxBuilder net = n.net;
        int width = 12;
        String image = n.input();
        OnnxAttributes patches = NONE.with("kernel_shape", new long[] {4, 4}).with("strides", new long[] {4, 4});
        String x = net.node(
                "patch", "Conv", patches, image, net.normal("pw", 0, .3, width, 3, 4, 4), net.filled("pb", 0, width));
        String batch = net.node("Gather", net.node("Shape", image), n.index(0));
        String size = n.join(n.one(batch), n.ints(width, -1));
        x = n.transpose(net.node("Reshape", x, size), 0, 2, 1);
        String tokenSize = n.join(n.one(batch), n.ints(1, width));
        String token = net.node("Expand", net.normal("cls", 0, .3, 1, 1, width), tokenSize);
        x = net.node("tokens", "Concat", NONE.with("axis", 1), token, x);
        x = net.add(x, net.normal("position", 0, .3, 1, 17, width));
        x = net.add(x, n.attention(n.writtenOutLayerNorm(x, width), width, 3));
        String y = n.writtenOutLayerNorm(x, width);
        y = n.gelu(net.add(net.node("MatMul", y, net.normal("m1", 0, .3, width, 24)), net.filled("c1", 0, 24)));
        y = net.add(net.node("MatMul", y, net.normal("m2", 0, .3, 24, width)), net.filled("c2", 0, width));
        x = n.writtenOutLayerNorm(net.add(x, y), width);
        String first = net.node("first", "Gather", NONE.with("axis", 1), x, n.index(0));
        return n.build(net.linear("head", first, width, CLASSES));
    }

    private String one(String scalar) {
        return net.node("Unsqueeze", scalar, ints(0));
    }

    private String join(String... parts) {
        return net.node(name("join"), "Concat", NONE.with("axis", 0), parts);
    }

    /** As timm writes it: one product for queries, keys and values, split by Gather, sizes from Shape. */
    private String attention(String x, int width, int heads) {
        int each = width / heads;
        String all = net.add(
                net.node("MatMul", x, net.normal("qkv", 0, .3, width, 3 * width)), net.filled("qb", 0, 3 * width));
        String shape = net.node("Shape", x);
        String batch = net.node("Gather", shape, index(0));
        String length = net.node("Gather", shape, index(1));
        all = net.node("Reshape", all, join(one(batch), one(length), ints(3, heads, each)));
        all = transpose(all, 2, 0, 3, 1, 4);
        String q = net.node("Gather", all, index(0));
        String k = net.node("Gather", all, index(1));
        String v = net.node("Gather", all, index(2));
        String scores = net.node("Mul", net.node("MatMul", q, transpose(k, 0, 1, 3, 2)), real(1 / Math.sqrt(each)));
        String weights = net.node(name("softmax"), "Softmax", NONE.with("axis", -1), scores);
        String mixed = transpose(net.node("MatMul", weights, v), 0, 2, 1, 3);
        mixed = net.node("Reshape", mixed, join(one(batch), one(length), ints(width)));
        return net.add(net.node("MatMul", mixed, net.normal("out", 0, .3, width, width)), net.filled("ob", 0, width));
    }
}
