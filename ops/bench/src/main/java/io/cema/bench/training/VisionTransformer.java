package io.cema.bench.training;

import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxTensor;

/**
 * A vision transformer (Dosovitskiy et al. 2021) with layer normalisation before each part and one fully connected layer
 * on what is read out of the tokens. Input {@code input} [batch, 3, side, side], output {@code logits} [batch, classes].
 *
 * @param name of the graph
 * @param side pixels
 * @param patch pixels of a token's side; divides the side
 * @param width channels of a token; a multiple of the heads
 * @param depth blocks
 * @param heads of attention
 * @param classes number of classes
 * @param expansion of the width inside a perceptron
 * @param readout what the last layer sees
 */
public record VisionTransformer(
        String name,
        int side,
        int patch,
        int width,
        int depth,
        int heads,
        int classes,
        int expansion,
        Readout readout) {
    /** The first that quantises float16. */
    private static final int OPSET = 19;

    /** What the last layer sees. */
    public enum Readout {
        /** The mean over the tokens. */
        MEAN,
        /** A learnt token put before those of the patches. */
        CLASS_TOKEN
    }

    /** A small one: expansion 2, mean over the tokens. */
    public VisionTransformer(String name, int side, int patch, int width, int depth, int heads, int classes) {
        this(name, side, patch, width, depth, heads, classes, 2, Readout.MEAN);
    }

    public VisionTransformer {
        if (side % patch != 0 || width % heads != 0) {
            throw new IllegalArgumentException("side " + side + " must be a multiple of the patch " + patch + ", width "
                    + width + " of the heads " + heads);
        }
    }

    /** The net with random weights. */
    public OnnxModel build(long seed) {
        return new Writer(new OnnxBuilder(name, OPSET, seed)).write();
    }

    private final class Writer {
        private final OnnxBuilder net;
        private final int patches = side / patch * (side / patch);
        private final int tokens = readout == Readout.CLASS_TOKEN ? patches + 1 : patches;

        Writer(OnnxBuilder net) {
            this.net = net;
        }

        OnnxModel write() {
            OnnxAttributes window = OnnxAttributes.none()
                    .with("kernel_shape", new long[] {patch, patch})
                    .with("strides", new long[] {patch, patch});
            double deviation = Math.sqrt(1.0 / (3 * patch * patch));
            String x = net.node(
                    "patches",
                    "Conv",
                    window,
                    net.input("input", side, side),
                    net.normal("patches.weight", 0, deviation, width, 3, patch, patch),
                    net.filled("patches.bias", 0, width));
            x = net.node("Reshape", x, integers("tokens.shape", 0, width, patches));
            x = transpose("tokens", x, 0, 2, 1);
            if (readout == Readout.CLASS_TOKEN) {
                x = net.node("tokens.all", "Concat", OnnxAttributes.none().with("axis", 1), classToken(x), x);
            }
            x = net.add(x, net.normal("position", 0, 0.02, 1, tokens, width));
            for (int block = 0; block < depth; block++) {
                String at = "block" + block;
                x = net.add(x, attention(at + ".attention", norm(at + ".norm1", x)));
                x = net.add(x, perceptron(at + ".mlp", norm(at + ".norm2", x)));
            }
            x = read(norm("norm", x));
            return net.output("logits", net.linear("head", x, width, classes), classes)
                    .build();
        }

        /** Once for each image; written as exporters write it for an open batch. */
        private String classToken(String x) {
            String batch = net.node("Gather", net.node("Shape", x), integers("class.batch", 0));
            String shape = net.node(
                    "class.shape",
                    "Concat",
                    OnnxAttributes.none().with("axis", 0),
                    batch,
                    integers("class.size", 1, width));
            return net.node("Expand", net.normal("class.token", 0, 0.02, 1, 1, width), shape);
        }

        private String read(String x) {
            return readout == Readout.CLASS_TOKEN
                    ? net.node("class", "Gather", OnnxAttributes.none().with("axis", 1), x, index("class.index", 0))
                    : net.node(
                            "pool",
                            "ReduceMean",
                            OnnxAttributes.none().with("keepdims", 0),
                            x,
                            integers("pool.axes", 1));
        }

        private String norm(String at, String x) {
            return net.node(
                    at,
                    "LayerNormalization",
                    OnnxAttributes.none().with("axis", -1).with("epsilon", 1e-6),
                    x,
                    net.filled(at + ".weight", 1, width),
                    net.filled(at + ".bias", 0, width));
        }

        private String product(String at, String x, int in, int out) {
            String product = net.node(
                    at,
                    "MatMul",
                    OnnxAttributes.none(),
                    x,
                    net.normal(at + ".weight", 0, Math.sqrt(1.0 / in), in, out));
            return net.add(product, net.filled(at + ".bias", 0, out));
        }

        private String perceptron(String at, String x) {
            String hidden = product(at + ".fc1", x, width, expansion * width);
            String scaled = net.node("Mul", hidden, real(at + ".rsqrt2", Math.sqrt(0.5)));
            String gate = net.node("Add", net.node("Erf", scaled), real(at + ".one", 1));
            String gelu = net.node("Mul", net.node("Mul", hidden, gate), real(at + ".half", 0.5));
            return product(at + ".fc2", gelu, expansion * width, width);
        }

        private String attention(String at, String x) {
            int each = width / heads;
            String all = product(at + ".qkv", x, width, 3 * width);
            all = net.node("Reshape", all, integers(at + ".split", 0, tokens, 3, heads, each));
            all = transpose(at + ".parts", all, 2, 0, 3, 1, 4);
            String queries = net.node("Gather", all, index(at + ".first", 0));
            String keys = net.node("Gather", all, index(at + ".second", 1));
            String values = net.node("Gather", all, index(at + ".third", 2));
            String scores = net.node(
                    "Mul",
                    net.node("MatMul", queries, transpose(at + ".keys", keys, 0, 1, 3, 2)),
                    real(at + ".scale", 1 / Math.sqrt(each)));
            String weights =
                    net.node(at + ".softmax", "Softmax", OnnxAttributes.none().with("axis", -1), scores);
            String mixed = transpose(at + ".mixed", net.node("MatMul", weights, values), 0, 2, 1, 3);
            mixed = net.node("Reshape", mixed, integers(at + ".join", 0, tokens, width));
            return product(at + ".out", mixed, width, width);
        }

        private String transpose(String at, String x, long... order) {
            return net.node(
                    at + ".transpose", "Transpose", OnnxAttributes.none().with("perm", order), x);
        }

        private String integers(String at, long... values) {
            return net.constant(OnnxTensor.of(at, values, values.length));
        }

        private String index(String at, long value) {
            return net.constant(OnnxTensor.of(at, new long[] {value}));
        }

        private String real(String at, double value) {
            return net.constant(OnnxTensor.of(at, new float[] {(float) value}));
        }
    }
}
