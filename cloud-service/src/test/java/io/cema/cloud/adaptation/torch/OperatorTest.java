package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operator against ONNX Runtime on random images [batch, 3, 4, 6], with one and with five images. */
class OperatorTest {
    private static final OnnxAttributes NONE = OnnxAttributes.none();
    private static int names;

    /** Builds from the input value the value to compare; any shape with the batch first. */
    private interface Graph {
        String build(OnnxBuilder net, String x);
    }

    private record Case(String name, int opset, int size, Graph graph) {
        OnnxModel model() {
            OnnxBuilder net = new OnnxBuilder(name, opset, 11);
            String y = graph.build(net, net.input("input", 4, 6));
            return net.output("logits", net.flatten(y), size).build();
        }

        @Override
        public String toString() {
            return name + " (operator set " + opset + ")";
        }
    }

    private static Case of(String name, int opset, int size, Graph graph) {
        return new Case(name, opset, size, graph);
    }

    private static Case simple(String op) {
        return of(op, 17, 72, (net, x) -> net.node(op, x));
    }

    private static Case positive(String op) {
        return of(op, 17, 72, (net, x) -> net.node(op, net.node("Exp", x)));
    }

    private static Case with(String name, int opset, int size, String op, OnnxAttributes attributes) {
        return of(name, opset, size, (net, x) -> net.node("op", op, attributes, x));
    }

    private static String ints(OnnxBuilder net, long... values) {
        return net.constant(OnnxTensor.of("ints" + names++, values, values.length));
    }

    private static String index(OnnxBuilder net, long value) {
        return net.constant(OnnxTensor.of("index" + names++, new long[] {value}));
    }

    private static String real(OnnxBuilder net, double value) {
        return net.constant(OnnxTensor.of("real" + names++, new float[] {(float) value}));
    }

    private static String toFloat(OnnxBuilder net, String x) {
        return net.node("cast" + names++, "Cast", NONE.with("to", OnnxTensor.Type.FLOAT.code()), x);
    }

    static Stream<Case> elementwise() {
        return Stream.of(
                simple("Relu"),
                simple("Sigmoid"),
                simple("HardSwish"),
                simple("Erf"),
                simple("Tanh"),
                simple("Exp"),
                simple("Neg"),
                simple("Abs"),
                simple("Floor"),
                simple("Softplus"),
                simple("LeakyRelu"),
                simple("Elu"),
                simple("HardSigmoid"),
                positive("Sqrt"),
                positive("Log"),
                positive("Reciprocal"),
                with("LeakyRelu with slope", 17, 72, "LeakyRelu", NONE.with("alpha", 0.2)),
                with("HardSigmoid as PyTorch has it", 17, 72, "HardSigmoid", NONE.with("alpha", 1 / 6.0)),
                with("Gelu exact", 20, 72, "Gelu", NONE),
                with("Gelu by tanh", 20, 72, "Gelu", NONE.with("approximate", "tanh")),
                of("Clip to 6", 17, 72, (n, x) -> n.node("Clip", x, real(n, 0), real(n, 0.6))),
                of("Clip from below only", 11, 72, (n, x) -> n.node("Clip", x, real(n, -0.3))),
                of("Clip from above only", 17, 72, (n, x) -> n.node("op", "Clip", NONE, x, "", real(n, 0.3))),
                of("PRelu", 17, 72, (n, x) -> n.node("PRelu", x, n.normal("s", 0.2, .1, 3, 1, 1))),
                of("Add per channel", 17, 72, (n, x) -> n.node("Add", x, n.normal("c", 0, 1, 3, 1, 1))),
                of("Sub from a row", 17, 72, (n, x) -> n.node("Sub", n.normal("c", 0, 1, 6), x)),
                of("Mul by a scalar", 17, 72, (n, x) -> n.node("Mul", x, real(n, 3))),
                of("Div by an image", 17, 72, (n, x) -> n.node("Div", x, n.node("Exp", x))),
                of("Pow", 17, 72, (n, x) -> n.node("Pow", n.node("Exp", x), real(n, 1.7))),
                of("Pow with integer exponent", 17, 72, (n, x) -> n.node("Pow", x, index(n, 2))),
                of("Sum", 17, 72, (n, x) -> n.node("Sum", x, n.normal("c", 0, 1, 3, 1, 1), x)),
                of("Sum of one", 17, 72, (n, x) -> n.node("Sum", x)),
                of("Max", 17, 72, (n, x) -> n.node("Max", x, real(n, 0.1))),
                of("Min", 17, 72, (n, x) -> n.node("Min", x, real(n, 0.1), n.normal("c", 0, 1, 6))),
                of("Equal, Not", 17, 72, (n, x) -> toFloat(n, n.node("Not", n.node("Equal", x, n.node("Relu", x))))),
                of(
                        "Where by Greater and Less",
                        17,
                        72,
                        (n, x) -> n.node(
                                "Where",
                                n.node("And", n.node("Greater", x, real(n, -.5)), n.node("Less", x, real(n, .5))),
                                x,
                                real(n, 0))),
                of("Cast there and back", 17, 72, (n, x) -> {
                    String big = n.node("Mul", x, real(n, 10));
                    return toFloat(n, n.node("c", "Cast", NONE.with("to", OnnxTensor.Type.INT64.code()), big));
                }),
                of("Div of negative integers", 17, 72, (n, x) -> {
                    String big = n.node("Mul", x, real(n, 10));
                    String whole = n.node("c", "Cast", NONE.with("to", OnnxTensor.Type.INT64.code()), big);
                    return toFloat(n, n.node("Div", whole, index(n, 4)));
                }),
                of(
                        "Identity and Dropout",
                        17,
                        72,
                        (n, x) -> n.node("Add", n.node("Dropout", n.node("Identity", x)), x)));
    }

    static Stream<Case> matrices() {
        return Stream.of(
                of("MatMul by a matrix", 17, 60, (n, x) -> n.node("MatMul", x, n.normal("w", 0, 1, 6, 5))),
                of("MatMul of images", 17, 48, (n, x) -> n.node("MatMul", x, transposed(n, x, 0, 1, 3, 2))),
                of("Gemm", 17, 7, (n, x) -> n.linear("fc", n.flatten(x), 72, 7)),
                of(
                        "Gemm with factors, no transposition",
                        17,
                        7,
                        (n, x) -> n.node(
                                "op",
                                "Gemm",
                                NONE.with("alpha", 0.5).with("beta", 2.0),
                                n.flatten(x),
                                n.normal("w", 0, .1, 72, 7),
                                n.normal("b", 0, 1, 7))),
                of(
                        "Gemm without bias",
                        17,
                        7,
                        (n, x) -> n.node(
                                "op", "Gemm", NONE.with("alpha", 0.5), n.flatten(x), n.normal("w", 0, .1, 72, 7))),
                with("Softmax", 17, 72, "Softmax", NONE),
                with("Softmax over channels", 13, 72, "Softmax", NONE.with("axis", 1)),
                with("Softmax, old form", 11, 72, "Softmax", NONE.with("axis", 2)),
                with("Softmax, old default", 11, 72, "Softmax", NONE));
    }

    private static String transposed(OnnxBuilder net, String x, long... order) {
        return net.node("transposed" + names++, "Transpose", NONE.with("perm", order), x);
    }

    private static Case conv(String name, int size, OnnxAttributes attributes, long... weight) {
        return of(
                name,
                17,
                size,
                (n, x) -> n.node(
                        "op", "Conv", attributes, x, n.normal("w", 0, .3, weight), n.normal("b", 0, 1, weight[0])));
    }

    private static OnnxAttributes pads(long... pads) {
        return NONE.with("pads", pads);
    }

    private static OnnxAttributes pool(long... kernel) {
        return NONE.with("kernel_shape", kernel);
    }

    static Stream<Case> windows() {
        return Stream.of(
                conv("Conv", 5 * 24, pads(1, 1, 1, 1), 5, 3, 3, 3),
                conv("Conv depthwise", 6 * 24, pads(1, 1, 1, 1).with("group", 3), 6, 1, 3, 3),
                conv("Conv strided", 5 * 6, pads(1, 1, 1, 1).with("strides", new long[] {2, 2}), 5, 3, 3, 3),
                conv("Conv dilated", 5 * 24, pads(2, 2, 2, 2).with("dilations", new long[] {2, 2}), 5, 3, 3, 3),
                conv("Conv padded on one side", 5 * 24, pads(0, 1, 2, 1), 5, 3, 3, 3),
                conv("Conv oblong", 5 * 24, pads(0, 1, 0, 1), 5, 3, 1, 3),
                conv(
                        "Conv SAME_UPPER",
                        5 * 6,
                        NONE.with("auto_pad", "SAME_UPPER").with("strides", new long[] {2, 2}),
                        5,
                        3,
                        3,
                        3),
                conv(
                        "Conv SAME_LOWER",
                        5 * 6,
                        NONE.with("auto_pad", "SAME_LOWER").with("strides", new long[] {2, 2}),
                        5,
                        3,
                        3,
                        3),
                conv("Conv VALID", 5 * 8, NONE.with("auto_pad", "VALID"), 5, 3, 3, 3),
                of("Conv without bias", 17, 5 * 24, (n, x) -> n.conv("op", x, 3, 5, 3, 1)),
                with("MaxPool", 17, 18, "MaxPool", pool(2, 2).with("strides", new long[] {2, 2})),
                with(
                        "MaxPool padded",
                        17,
                        18,
                        "MaxPool",
                        pool(3, 3).with("strides", new long[] {2, 2}).with("pads", new long[] {1, 1, 1, 1})),
                with(
                        "MaxPool with ceil",
                        17,
                        18,
                        "MaxPool",
                        pool(3, 3)
                                .with("strides", new long[] {2, 2})
                                .with("ceil_mode", 1)
                                .with("pads", new long[] {0, 0, 1, 1})),
                with("MaxPool padded on one side", 17, 72, "MaxPool", pool(2, 2).with("pads", new long[] {0, 0, 1, 1})),
                with(
                        "AveragePool",
                        17,
                        18,
                        "AveragePool",
                        pool(3, 3).with("strides", new long[] {2, 2}).with("pads", new long[] {1, 1, 1, 1})),
                with(
                        "AveragePool counting its padding",
                        17,
                        72,
                        "AveragePool",
                        pool(3, 3).with("pads", new long[] {1, 1, 1, 1}).with("count_include_pad", 1)),
                with(
                        "AveragePool padded on one side",
                        17,
                        72,
                        "AveragePool",
                        pool(2, 2).with("pads", new long[] {0, 0, 1, 1})),
                with("GlobalAveragePool", 17, 3, "GlobalAveragePool", NONE),
                with("GlobalMaxPool", 17, 3, "GlobalMaxPool", NONE));
    }

    static Stream<Case> reductions() {
        return Stream.of(
                with("ReduceMean by attribute", 13, 3, "ReduceMean", NONE.with("axes", new long[] {2, 3})),
                with(
                        "ReduceMean dropping axes",
                        13,
                        18,
                        "ReduceMean",
                        NONE.with("axes", new long[] {-2}).with("keepdims", 0)),
                of("ReduceMean by input", 18, 3, (n, x) -> n.node("ReduceMean", x, ints(n, 2, 3))),
                with("ReduceSum by attribute", 11, 12, "ReduceSum", NONE.with("axes", new long[] {-1})),
                of("ReduceSum by input", 13, 12, (n, x) -> n.node("ReduceSum", x, ints(n, -1))),
                with("ReduceMax", 17, 18, "ReduceMax", NONE.with("axes", new long[] {2})),
                with("ReduceMin", 17, 18, "ReduceMin", NONE.with("axes", new long[] {2})));
    }

    private static Case axes(String op, int opset, int size, String before, long... axes) {
        return of(op + " " + List.of(axes.length), opset, size, (n, x) -> {
            String y = before.isEmpty() ? x : n.node(before, x);
            return opset < 13 ? n.node("op", op, NONE.with("axes", axes), y) : n.node("op", op, NONE, y, ints(n, axes));
        });
    }

    private static Case slice(String name, int size, long[]... arguments) {
        return of(name, 17, size, (n, x) -> {
            String[] inputs = new String[arguments.length + 1];
            inputs[0] = x;
            for (int i = 0; i < arguments.length; i++) {
                inputs[i + 1] = ints(n, arguments[i]);
            }
            return n.node("op", "Slice", NONE, inputs);
        });
    }

    private static long[] l(long... values) {
        return values;
    }

    static Stream<Case> shapes() {
        return Stream.of(
                of("Reshape copying and inferring", 17, 72, (n, x) -> n.node("Reshape", x, ints(n, 0, -1, 4))),
                of("Flatten at 2", 17, 72, (n, x) -> {
                    String rows = n.node("op", "Flatten", NONE.with("axis", 2), x);
                    return n.node("Reshape", rows, ints(n, -1, 72));
                }),
                of("Transpose", 17, 72, (n, x) -> transposed(n, x, 0, 2, 3, 1)),
                of("Concat", 17, 144, (n, x) -> n.node("op", "Concat", NONE.with("axis", 1), x, n.node("Neg", x))),
                of("Split by attribute", 11, 72, (n, x) -> split(n, x, NONE.with("split", new long[] {1, 2}), 2)),
                of("Split by input", 13, 72, (n, x) -> split(n, x, NONE, 2, 2, 1)),
                of("Split equally", 13, 72, (n, x) -> split(n, x, NONE, 3)),
                of("Split by number", 18, 72, (n, x) -> split(n, x, NONE.with("num_outputs", 2), 2)),
                slice("Slice", 3 * 2 * 6, l(1), l(3), l(2)),
                slice("Slice from the end", 3 * 4 * 2, l(-2), l(Long.MAX_VALUE), l(-1)),
                slice("Slice with steps", 3 * 2 * 2, l(0, 1), l(4, 100), l(2, 3), l(2, 3)),
                slice("Slice backwards", 3 * 4 * 6, l(-1), l(Long.MIN_VALUE + 1), l(3), l(-1)),
                slice("Slice backwards in steps", 3 * 4 * 2, l(4), l(0), l(3), l(-2)),
                of("Pad", 17, 3 * 7 * 7, (n, x) -> n.node("Pad", x, ints(n, 0, 0, 1, 0, 0, 0, 2, 1))),
                of(
                        "Pad with a value",
                        11,
                        5 * 24,
                        (n, x) -> n.node("Pad", x, ints(n, 0, 1, 0, 0, 0, 1, 0, 0), real(n, 1.5))),
                of("Pad cropping", 17, 3 * 3 * 6, (n, x) -> n.node("Pad", x, ints(n, 0, 0, -1, 0, 0, 0, 0, 0))),
                of(
                        "Pad reflecting",
                        17,
                        3 * 6 * 10,
                        (n, x) ->
                                n.node("op", "Pad", NONE.with("mode", "reflect"), x, ints(n, 0, 0, 1, 2, 0, 0, 1, 2))),
                of(
                        "Pad repeating the edge",
                        17,
                        3 * 6 * 10,
                        (n, x) -> n.node("op", "Pad", NONE.with("mode", "edge"), x, ints(n, 0, 0, 1, 2, 0, 0, 1, 2))),
                of(
                        "Pad of named axes",
                        18,
                        3 * 4 * 9,
                        (n, x) -> n.node("op", "Pad", NONE, x, ints(n, 1, 2), "", ints(n, 3))),
                axes("Unsqueeze", 11, 72, "", 1, -1),
                axes("Unsqueeze", 17, 72, "", 1, 4),
                axes("Squeeze", 11, 3, "GlobalAveragePool", 2, 3),
                axes("Squeeze", 17, 3, "GlobalAveragePool", -1, -2),
                of("Gather one", 17, 18, (n, x) -> n.node("op", "Gather", NONE.with("axis", 2), x, index(n, -1))),
                of(
                        "Gather several",
                        17,
                        54,
                        (n, x) -> n.node("op", "Gather", NONE.with("axis", 2), x, ints(n, 2, 0, 2))),
                of("Expand", 17, 72, (n, x) -> n.node("Expand", n.node("GlobalAveragePool", x), ints(n, 1, 1, 4, 6))),
                of("Shape, Gather, Unsqueeze, Concat, Reshape", 17, 72, (n, x) -> {
                    String batch = n.node("Gather", n.node("Shape", x), index(n, 0));
                    String size = n.node("join", "Concat", NONE.with("axis", 0), one(n, batch), ints(n, 12, -1));
                    return n.node("Reshape", x, size);
                }),
                of("Shape from an axis", 17, 72, (n, x) -> {
                    String image = n.node("tail", "Shape", NONE.with("start", 2), x);
                    String size = n.node("join", "Concat", NONE.with("axis", 0), ints(n, -1, 3), image);
                    return n.node("Reshape", x, size);
                }),
                of("ConstantOfShape, Where, Equal, Expand", 17, 3 * 4 * 6, (n, x) -> {
                    // How PyTorch exports expand(-1, ...).
                    String wish = ints(n, -1, -1, 4, 6);
                    String ones = n.node(
                            "ones",
                            "ConstantOfShape",
                            NONE.with("value", OnnxTensor.of("v", new long[] {1}, 1)),
                            ints(n, 4));
                    String given = n.node("Where", n.node("Equal", wish, ints(n, -1, -1, -1, -1)), ones, wish);
                    return n.node("Expand", n.node("GlobalAveragePool", x), given);
                }),
                of(
                        "ConstantOfShape of zeros",
                        17,
                        72,
                        (n, x) -> n.node("Add", x, n.node("ConstantOfShape", n.node("Shape", x)))),
                of("Constant", 17, 72, (n, x) -> {
                    n.add(OnnxNode.of(
                            "k",
                            "Constant",
                            NONE.with("value", OnnxTensor.of("v", new float[] {2, 3, 4}, 3, 1, 1)),
                            "k"));
                    return n.node("Mul", x, "k");
                }),
                of(
                        "Range",
                        17,
                        72,
                        (n, x) ->
                                n.node("Add", x, toFloat(n, n.node("Range", index(n, 1), index(n, 13), index(n, 2))))));
    }

    private static String one(OnnxBuilder net, String scalar) {
        return net.node("one" + names++, "Unsqueeze", NONE, scalar, ints(net, 0));
    }

    /** Splits the channels and joins the parts again in reverse order. */
    private static String split(OnnxBuilder net, String x, OnnxAttributes attributes, int parts, long... sizes) {
        String[] outputs = new String[parts];
        for (int i = 0; i < parts; i++) {
            outputs[parts - 1 - i] = "part" + i;
        }
        List<String> inputs = sizes.length == 0 ? List.of(x) : List.of(x, ints(net, sizes));
        List<String> inOrder = Stream.iterate(0, i -> i < parts, i -> i + 1)
                .map(i -> "part" + i)
                .toList();
        net.add(new OnnxNode("split", "", "Split", inputs, inOrder, attributes.with("axis", 1)));
        return net.node("joined", "Concat", NONE.with("axis", 1), outputs);
    }

    static Stream<Case> norms() {
        return Stream.of(
                of(
                        "BatchNormalization",
                        17,
                        72,
                        (n, x) -> n.node(
                                "op",
                                "BatchNormalization",
                                NONE.with("epsilon", 1e-3),
                                x,
                                n.normal("g", 1, .3, 3),
                                n.normal("b", 0, 1, 3),
                                n.normal("m", 0, 1, 3),
                                n.filled("v", 0.4, 3))),
                of("BatchNormalization of vectors", 17, 72, (n, x) -> n.batchNorm("op", n.flatten(x), 72)),
                of(
                        "LayerNormalization",
                        17,
                        72,
                        (n, x) -> n.node(
                                "op", "LayerNormalization", NONE, x, n.normal("g", 1, .3, 6), n.normal("b", 0, 1, 6))),
                of(
                        "LayerNormalization of two axes",
                        17,
                        72,
                        (n, x) -> n.node(
                                "op",
                                "LayerNormalization",
                                NONE.with("axis", 2),
                                x,
                                n.normal("g", 1, .3, 4, 6),
                                n.normal("b", 0, 1, 4, 6))),
                of(
                        "LayerNormalization without shift",
                        17,
                        72,
                        (n, x) -> n.node("op", "LayerNormalization", NONE, x, n.normal("g", 1, .3, 6))),
                of(
                        "InstanceNormalization",
                        17,
                        72,
                        (n, x) -> n.node(
                                "op",
                                "InstanceNormalization",
                                NONE,
                                x,
                                n.normal("g", 1, .3, 3),
                                n.normal("b", 0, 1, 3))),
                of(
                        "GroupNormalization per channel",
                        21,
                        6 * 24,
                        (n, x) -> n.node(
                                "op",
                                "GroupNormalization",
                                NONE.with("num_groups", 2),
                                n.conv("c", x, 3, 6, 3, 1),
                                n.normal("g", 1, .3, 6),
                                n.normal("b", 0, 1, 6))),
                of("GroupNormalization composed", 17, 6 * 24, (n, x) -> {
                    String y = n.conv("c", x, 3, 6, 3, 1);
                    String z = n.node("Reshape", y, ints(n, 0, 2, -1));
                    z = n.node("in", "InstanceNormalization", NONE, z, n.filled("1", 1, 2), n.filled("0", 0, 2));
                    z = n.node("Reshape", z, n.node("Shape", y));
                    z = n.node("Mul", z, n.normal("g", 1, .3, 6, 1, 1));
                    return n.node("Add", z, n.normal("b", 0, 1, 6, 1, 1));
                }));
    }

    @ParameterizedTest
    @MethodSource({"elementwise", "matrices", "windows", "reductions", "shapes", "norms"})
    void forward_anyOperator_agreesWithOnnxRuntime(Case one) {
        OnnxModel model = one.model();
        for (int batch : new int[] {1, 5}) {
            float[] images = images(batch);

            float[] wanted = Reference.onnxRuntime(model, images);

            // One operator in float32 on values near 1: both libraries stay within a few units in the last place.
            assertThat(Reference.libtorch(model, images)).containsExactly(wanted, within(2e-5f));
        }
    }

    private static float[] images(int batch) {
        Random random = new Random(batch);
        float[] values = new float[batch * 72];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
