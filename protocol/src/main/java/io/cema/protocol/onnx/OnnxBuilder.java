package io.cema.protocol.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Writes a classifier layer by layer, with weights drawn at random (He et al. 2015) from a seed: the same calls with
 * the same seed give the same file. Layers take and return value names; the name of a layer becomes the name of its
 * node. Confined to one thread.
 */
public final class OnnxBuilder {
    /** Epsilon of batch normalisation, PyTorch's default. */
    public static final double EPSILON = 1e-5;

    private static final int IR_VERSION = 8;

    private final GraphProto.Builder graph = GraphProto.newBuilder();
    private final Map<String, OnnxTensor> initializers = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final int opset;
    private final Random random;
    private int unnamed;

    /**
     * @param name of the graph
     * @param opset version of the standard operator set, at least 11
     * @param seed of the random weights
     */
    public OnnxBuilder(String name, int opset, long seed) {
        graph.setName(name);
        this.opset = opset;
        // Seeds that differ little would begin java.util.Random alike.
        this.random = new Random(new SplittableRandom(seed).nextLong());
    }

    /** The image input [batch, 3, height, width]. */
    public String input(String name, int height, int width) {
        graph.addInput(value(name, 3, height, width));
        return name;
    }

    /** A constant; returns its name. */
    public String constant(OnnxTensor tensor) {
        if (initializers.putIfAbsent(tensor.name(), tensor) != null) {
            throw new IllegalArgumentException("constant " + tensor.name() + " is defined twice");
        }
        return tensor.name();
    }

    /** A float32 constant of normally distributed values. */
    public String normal(String name, double mean, double deviation, long... dims) {
        int size = 1;
        for (long dim : dims) {
            size = Math.multiplyExact(size, Math.toIntExact(dim));
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (mean + deviation * random.nextGaussian());
        }
        return constant(OnnxTensor.of(name, values, dims));
    }

    /** A float32 constant of one value throughout. */
    public String filled(String name, double value, long... dims) {
        return normal(name, value, 0, dims);
    }

    /** Any standard operator with one output, whose name is the node's followed by ".out". */
    public String node(String name, String op, OnnxAttributes attributes, String... inputs) {
        String output = name + ".out";
        add(new OnnxNode(name, "", op, List.of(inputs), List.of(output), attributes));
        return output;
    }

    /** Any standard operator without attributes, named by its kind and a running number. */
    public String node(String op, String... inputs) {
        return node(op + "_" + unnamed++, op, OnnxAttributes.none(), inputs);
    }

    /** Any node. */
    public OnnxBuilder add(OnnxNode node) {
        graph.addNode(OnnxGraphEditor.proto(node));
        return this;
    }

    /**
     * A square convolution, padding kernel/2, weights [out, in/groups, kernel, kernel] ~ N(0, 2 / fan-out).
     *
     * @param bias whether it has a bias, zeros
     */
    public String conv(String name, String x, int in, int out, int kernel, int stride, int groups, boolean bias) {
        double fanOut = (double) out * kernel * kernel / groups;
        String weight = normal(name + ".weight", 0, Math.sqrt(2 / fanOut), out, in / groups, kernel, kernel);
        long pad = kernel / 2;
        OnnxAttributes attributes = OnnxAttributes.none()
                .with("kernel_shape", new long[] {kernel, kernel})
                .with("strides", new long[] {stride, stride})
                .with("pads", new long[] {pad, pad, pad, pad})
                .with("dilations", new long[] {1, 1})
                .with("group", groups);
        return bias
                ? node(name, "Conv", attributes, x, weight, filled(name + ".bias", 0, out))
                : node(name, "Conv", attributes, x, weight);
    }

    /** A square convolution without bias and groups. */
    public String conv(String name, String x, int in, int out, int kernel, int stride) {
        return conv(name, x, in, out, kernel, stride, 1, false);
    }

    /** Batch normalisation: scale 1, shift 0, running mean 0, running variance 1. */
    public String batchNorm(String name, String x, int channels) {
        return batchNorm(name, x, channels, 1);
    }

    /** Batch normalisation with another initial scale, e.g. 0 at the end of a residual branch. */
    public String batchNorm(String name, String x, int channels, double scale) {
        return node(
                name,
                "BatchNormalization",
                OnnxAttributes.none().with("epsilon", EPSILON),
                x,
                filled(name + ".weight", scale, channels),
                filled(name + ".bias", 0, channels),
                filled(name + ".running_mean", 0, channels),
                filled(name + ".running_var", 1, channels));
    }

    public String relu(String x) {
        return node("Relu", x);
    }

    public String add(String a, String b) {
        return node("Add", a, b);
    }

    /** [batch, c, h, w] to [batch, c, 1, 1]. */
    public String globalAveragePool(String x) {
        return node("GlobalAveragePool", x);
    }

    /** [batch, ...] to [batch, product]. */
    public String flatten(String x) {
        return node("Flatten_" + unnamed++, "Flatten", OnnxAttributes.none().with("axis", 1), x);
    }

    /** A fully connected layer, weights [out, in] ~ N(0, 1 / in), bias zeros. */
    public String linear(String name, String x, int in, int out) {
        return node(
                name,
                "Gemm",
                OnnxAttributes.none().with("transB", 1),
                x,
                normal(name + ".weight", 0, Math.sqrt(1.0 / in), out, in),
                filled(name + ".bias", 0, out));
    }

    /** The logits; {@code value} gets the name {@code name}. */
    public OnnxBuilder output(String name, String value, int classes) {
        add(OnnxNode.of("output", "Identity", OnnxAttributes.none(), name, value));
        graph.addOutput(value(name, classes));
        return this;
    }

    /** Adds an entry to the file's metadata. */
    public OnnxBuilder metadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    /** The model, checked. */
    public OnnxModel build() {
        return OnnxModel.parse(toBytes());
    }

    /** The file, unchecked. */
    public byte[] toBytes() {
        GraphProto.Builder complete = graph.clone().clearInitializer();
        initializers.values().forEach(t -> complete.addInitializer(t.toProto()));
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("cema")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset))
                .setGraph(complete);
        metadata.forEach((key, value) -> model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        return model.build().toByteArray();
    }

    /** A float32 value whose first size is the dynamic batch. */
    private static ValueInfoProto value(String name, long... dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"));
        for (long dim : dims) {
            shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dim));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.FLOAT_VALUE)
                                .setShape(shape)))
                .build();
    }
}
