package io.cema.edge;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.Digests;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Small random classifiers of many shapes, input "input" [batch, 3, 8, 8], output "logits" [batch, 5]. */
public final class TestModels {
    public static final int SIZE = 8;
    public static final int CLASSES = 5;

    private TestModels() {}

    /** Two convolutions, each with a normalisation that folds into it, and a shortcut. */
    public static OnnxModel residual() {
        OnnxBuilder b = new OnnxBuilder("residual", 17, 1);
        String x = b.relu(norm(b, "bn1", b.conv("conv1", b.input("input", SIZE, SIZE), 3, 8, 3, 1, 1, true), 8));
        String y = norm(b, "bn2", b.conv("conv2", x, 8, 8, 3, 1, 2, false), 8);
        return head(b, b.relu(b.add(x, y)), 8);
    }

    /** The normalisation stands before the convolution. */
    public static OnnxModel preActivation() {
        OnnxBuilder b = new OnnxBuilder("pre", 17, 2);
        String x = b.conv("conv1", b.input("input", SIZE, SIZE), 3, 8, 3, 1);
        String y = b.conv("conv2", b.relu(norm(b, "bn1", b.relu(x), 8)), 8, 8, 3, 1);
        return head(b, b.add(x, y), 8);
    }

    /** The normalisation stands after a Concat. */
    public static OnnxModel concat() {
        OnnxBuilder b = new OnnxBuilder("concat", 17, 3);
        String x = b.input("input", SIZE, SIZE);
        String joined = b.node(
                "join",
                "Concat",
                OnnxAttributes.none().with("axis", 1),
                b.conv("conv1", x, 3, 4, 3, 1),
                b.conv("conv2", x, 3, 4, 1, 1));
        return head(b, b.relu(norm(b, "bn1", joined, 8)), 8);
    }

    /** The convolution's output is read by the normalisation and by the shortcut. */
    public static OnnxModel twoReaders() {
        OnnxBuilder b = new OnnxBuilder("two", 17, 4);
        String x = b.conv("conv1", b.input("input", SIZE, SIZE), 3, 8, 3, 1);
        return head(b, b.add(x, b.relu(norm(b, "bn1", x, 8))), 8);
    }

    /** Two convolutions read one weight. */
    public static OnnxModel sharedWeight() {
        OnnxBuilder b = new OnnxBuilder("shared", 17, 5);
        String x = b.input("input", SIZE, SIZE);
        String first = b.relu(norm(b, "bn1", b.conv("conv1", x, 3, 8, 1, 1), 8));
        String second = b.node(
                "conv2", "Conv", OnnxAttributes.none().with("kernel_shape", new long[] {1, 1}), x, "conv1.weight");
        return head(b, b.add(first, norm(b, "bn2", second, 8)), 8);
    }

    /** Layer normalisation over the last axis. */
    public static OnnxModel layerNorm() {
        OnnxBuilder b = new OnnxBuilder("layer", 17, 6);
        String x = b.conv("conv1", b.input("input", SIZE, SIZE), 3, 8, 3, 1);
        String normed = b.node(
                "ln1",
                "LayerNormalization",
                OnnxAttributes.none().with("axis", -1).with("epsilon", 1e-5),
                x,
                b.normal("ln1.weight", 1, .2, SIZE),
                b.normal("ln1.bias", 0, .2, SIZE));
        return head(b, b.relu(normed), 8);
    }

    /** A normalisation after a fully connected layer with factors of its own. */
    public static OnnxModel gemm() {
        OnnxBuilder b = new OnnxBuilder("gemm", 17, 7);
        String x = b.flatten(b.input("input", SIZE, SIZE));
        String dense = b.node(
                "fc1",
                "Gemm",
                OnnxAttributes.none().with("alpha", 0.5).with("beta", 2.0),
                x,
                b.normal("fc1.weight", 0, .1, 3 * SIZE * SIZE, 6),
                b.normal("fc1.bias", 0, 1, 6));
        String y = b.relu(norm(b, "bn1", dense, 6));
        return b.output("logits", b.linear("fc2", y, 6, CLASSES), CLASSES).build();
    }

    /** A manifest as the cloud derives it. */
    public static ModelManifest manifest(String name, OnnxModel model) {
        return model.manifest(name, List.of(), new Preprocessing(List.of(.5, .5, .5), List.of(.25, .25, .25)));
    }

    /** Random differences of a given size, some scales of the other sign. */
    public static AffineParameters difference(AffineParameters base, double size, long seed) {
        Random random = new Random(seed);
        List<AffineParameters.Layer> layers = new ArrayList<>();
        for (AffineParameters.Layer layer : base.layers()) {
            float[] scale = new float[layer.scale().length];
            float[] shift = new float[scale.length];
            for (int c = 0; c < scale.length; c++) {
                scale[c] = (float) (size * random.nextGaussian());
                shift[c] = (float) (size * random.nextGaussian());
            }
            layers.add(new AffineParameters.Layer(layer.name(), scale, shift));
        }
        return new AffineParameters(layers);
    }

    public static float[] randomInput(int n, int length, long seed) {
        Random random = new Random(seed);
        float[] input = new float[n * length];
        for (int i = 0; i < input.length; i++) {
            input[i] = (float) random.nextGaussian();
        }
        return input;
    }

    /** One input of a strong random colour, so that images differ after pooling. */
    public static float[] colouredInput(long seed) {
        float[] input = randomInput(1, 3 * SIZE * SIZE, seed);
        Random random = new Random(~seed);
        for (int channel = 0; channel < 3; channel++) {
            float colour = (float) (4 * random.nextGaussian());
            for (int i = 0; i < SIZE * SIZE; i++) {
                input[channel * SIZE * SIZE + i] += colour;
            }
        }
        return input;
    }

    public static String sha256(byte[] bytes) {
        return Digests.hex(bytes);
    }

    private static String norm(OnnxBuilder b, String name, String x, int channels) {
        float[] variance = new float[channels];
        for (int c = 0; c < channels; c++) {
            variance[c] = .5f + c * .1f;
        }
        return b.node(
                name,
                "BatchNormalization",
                OnnxAttributes.none().with("epsilon", 1e-3),
                x,
                b.normal(name + ".weight", 1, .3, channels),
                b.normal(name + ".bias", 0, .3, channels),
                b.normal(name + ".running_mean", 0, .3, channels),
                b.constant(OnnxTensor.of(name + ".running_var", variance, channels)));
    }

    private static OnnxModel head(OnnxBuilder b, String x, int channels) {
        String pooled = b.flatten(b.globalAveragePool(x));
        return b.output("logits", b.linear("fc", pooled, channels, CLASSES), CLASSES)
                .build();
    }
}
