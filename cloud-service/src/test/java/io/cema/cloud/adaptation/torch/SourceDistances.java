package io.cema.cloud.adaptation.torch;

import io.cema.protocol.image.Image;
import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import java.util.List;
import java.util.Random;

/** A network that normalises the very pixels, so that distances can be worked out by hand, and images for it. */
final class SourceDistances {
    static final int SIDE = 8;
    private static final int CLASSES = 3;

    private SourceDistances() {}

    /** One batch normalisation, of the input: source mean 0.5 and variance 0.25 in each colour. */
    static OnnxModel pixels() {
        OnnxBuilder net = new OnnxBuilder("pixels", 17, 1);
        String x = net.node(
                "bn",
                "BatchNormalization",
                OnnxAttributes.none().with("epsilon", OnnxBuilder.EPSILON),
                net.input("input", SIDE, SIDE),
                net.filled("weight", 1, 3),
                net.filled("bias", 0, 3),
                net.filled("mean", .5, 3),
                net.filled("variance", .25, 3));
        return net.output("logits", net.linear("fc", net.flatten(net.globalAveragePool(x)), 3, CLASSES), CLASSES)
                .build();
    }

    static Learner learner(OnnxModel model, int side, int classes) {
        return Learner.load(
                Networks.part("net", model, side, classes), 0.01, AdaptationSettings.defaults(), TorchSettings.cpu(1));
    }

    static SourceDistance of(List<Image> images) {
        try (Learner learner = learner(pixels(), SIDE, CLASSES)) {
            return SourceDistance.of(learner, images).orElseThrow();
        }
    }

    /** In each colour half of the pixels have one value, half the other, of 255. */
    static Image halves(int[] some, int[] others) {
        byte[] rgb = new byte[3 * SIDE * SIDE];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i < rgb.length / 2 ? some : others)[i % 3];
        }
        return new Image(SIDE, SIDE, rgb);
    }

    /** Normal noise. */
    static Image noise(double mean, double deviation, Random random) {
        byte[] rgb = new byte[3 * SIDE * SIDE];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (int) Math.max(0, Math.min(255, mean + deviation * random.nextGaussian()));
        }
        return new Image(SIDE, SIDE, rgb);
    }
}
