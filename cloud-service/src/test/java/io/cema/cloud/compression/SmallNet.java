package io.cema.cloud.compression;

import io.cema.protocol.image.Image;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A residual net of four convolutions with random weights, and noise to look at. */
final class SmallNet {
    static final int SIDE = 16;
    static final int CLASSES = 5;
    static final Preprocessing PREPROCESSING = new Preprocessing(List.of(.5, .5, .5), List.of(.25, .25, .25));

    private SmallNet() {}

    static OnnxModel residual(int opset, long seed) {
        OnnxBuilder builder = new OnnxBuilder("small", opset, seed);
        String x = builder.conv("stem", builder.input("input", SIDE, SIDE), 3, 16, 3, 1);
        x = builder.relu(builder.batchNorm("stem.bn", x, 16));
        String y = builder.relu(builder.batchNorm("bn1", builder.conv("conv1", x, 16, 32, 3, 2), 32));
        y = builder.batchNorm("bn2", builder.conv("conv2", y, 32, 32, 3, 1), 32);
        String shortcut = builder.batchNorm("bn3", builder.conv("conv3", x, 16, 32, 1, 2), 32);
        String features = builder.flatten(builder.globalAveragePool(builder.relu(builder.add(y, shortcut))));
        return builder.output("logits", builder.linear("head", features, 32, CLASSES), CLASSES)
                .build();
    }

    /** Nothing of it has 16 input channels. */
    static OnnxModel narrow() {
        OnnxBuilder builder = new OnnxBuilder("narrow", 17, 1);
        String x = builder.relu(
                builder.batchNorm("bn", builder.conv("conv", builder.input("input", SIDE, SIDE), 3, 8, 3, 1), 8));
        String logits = builder.linear("head", builder.flatten(builder.globalAveragePool(x)), 8, CLASSES);
        return builder.output("logits", logits, CLASSES).build();
    }

    /** Coloured noise, so that channels differ from image to image. */
    static List<Image> images(int count, long seed) {
        Random random = new Random(seed);
        List<Image> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] base = {random.nextInt(200), random.nextInt(200), random.nextInt(200)};
            byte[] rgb = new byte[3 * SIDE * SIDE];
            for (int k = 0; k < rgb.length; k++) {
                rgb[k] = (byte) (base[k % 3] + random.nextInt(56));
            }
            images.add(new Image(SIDE, SIDE, rgb));
        }
        return images;
    }
}
