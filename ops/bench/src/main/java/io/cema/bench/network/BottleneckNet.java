package io.cema.bench.network;

import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import java.util.List;

/**
 * A residual net of bottlenecks (He et al. 2016), the stride in the 3x3 convolution as torchvision has it. Batch
 * normalisation is folded already, as every engine folds it: each convolution has a bias. Input {@code input} [batch, 3,
 * side, side], output {@code logits} [batch, classes].
 *
 * @param name of the graph
 * @param side pixels, a multiple of 32
 * @param width channels of the stem; a stage has as many inside a bottleneck, doubled with every stage
 * @param blocks bottlenecks of each stage
 * @param classes number of classes
 */
record BottleneckNet(String name, int side, int width, List<Integer> blocks, int classes) {
    /** The first that quantises float16. */
    private static final int OPSET = 19;

    private static final int EXPANSION = 4;
    /** Standard deviation of a bias, against activations of about 1. */
    private static final double BIAS = 0.1;
    /** Of the last convolution of a bottleneck: sixteen of them shall not let the activations grow out of float16. */
    private static final double BRANCH_GAIN = 0.5;

    BottleneckNet {
        blocks = List.copyOf(blocks);
    }

    /** 25.5 M parameters, 4.1 G multiply-adds. */
    static BottleneckNet resNet50() {
        return new BottleneckNet("resnet50", 224, 64, List.of(3, 4, 6, 3), 1000);
    }

    OnnxModel build(long seed) {
        OnnxBuilder net = new OnnxBuilder(name, OPSET, seed);
        String x = net.relu(conv(net, "stem", net.input("input", side, side), 3, width, 7, 2, 1));
        OnnxAttributes window = OnnxAttributes.none()
                .with("kernel_shape", new long[] {3, 3})
                .with("strides", new long[] {2, 2})
                .with("pads", new long[] {1, 1, 1, 1});
        x = net.node("stem.pool", "MaxPool", window, x);
        int channels = width;
        for (int stage = 0; stage < blocks.size(); stage++) {
            int inside = width << stage;
            for (int block = 0; block < blocks.get(stage); block++) {
                int stride = block == 0 && stage > 0 ? 2 : 1;
                x = bottleneck(net, "stage" + (stage + 1) + "." + block, x, channels, inside, stride);
                channels = EXPANSION * inside;
            }
        }
        x = net.flatten(net.globalAveragePool(x));
        return net.output("logits", net.linear("head", x, channels, classes), classes)
                .build();
    }

    private static String bottleneck(OnnxBuilder net, String at, String x, int in, int inside, int stride) {
        int out = EXPANSION * inside;
        String y = net.relu(conv(net, at + ".conv1", x, in, inside, 1, 1, 1));
        y = net.relu(conv(net, at + ".conv2", y, inside, inside, 3, stride, 1));
        y = conv(net, at + ".conv3", y, inside, out, 1, 1, BRANCH_GAIN);
        String shortcut = in == out && stride == 1 ? x : conv(net, at + ".shortcut", x, in, out, 1, stride, 1);
        return net.relu(net.add(y, shortcut));
    }

    /** Weights of N(0, gain^2 2 / fan-in): what goes in as wide as a Relu leaves it comes out as wide, times the gain. */
    private static String conv(
            OnnxBuilder net, String at, String x, int in, int out, int kernel, int stride, double gain) {
        double deviation = gain * Math.sqrt(2.0 / ((double) in * kernel * kernel));
        long pad = kernel / 2;
        OnnxAttributes attributes = OnnxAttributes.none()
                .with("kernel_shape", new long[] {kernel, kernel})
                .with("strides", new long[] {stride, stride})
                .with("pads", new long[] {pad, pad, pad, pad});
        return net.node(
                at,
                "Conv",
                attributes,
                x,
                net.normal(at + ".weight", 0, deviation, out, in, kernel, kernel),
                net.normal(at + ".bias", 0, BIAS, out));
    }
}
