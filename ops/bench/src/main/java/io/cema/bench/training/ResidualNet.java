package io.cema.bench.training;

import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import java.util.List;

/**
 * A small residual net (He et al. 2016) with batch normalisation kept as nodes: a 3x3 stem, stages of basic blocks of
 * which each halves the resolution, global average pooling, one fully connected layer. Input {@code input} [batch, 3,
 * side, side], output {@code logits} [batch, classes].
 *
 * @param name of the graph
 * @param side pixels
 * @param stem channels of the stem, at full resolution
 * @param stages from the second resolution on
 * @param classes number of classes
 */
public record ResidualNet(String name, int side, int stem, List<Stage> stages, int classes) {
    private static final int OPSET = 17;

    /**
     * @param channels of every block
     * @param blocks at least 1
     */
    public record Stage(int channels, int blocks) {}

    public ResidualNet {
        stages = List.copyOf(stages);
    }

    /** The net with random weights. */
    public OnnxModel build(long seed) {
        OnnxBuilder builder = new OnnxBuilder(name, OPSET, seed);
        String x = builder.conv("stem.conv", builder.input("input", side, side), 3, stem, 3, 1);
        x = builder.relu(builder.batchNorm("stem.bn", x, stem));
        int channels = stem;
        for (int stage = 0; stage < stages.size(); stage++) {
            for (int block = 0; block < stages.get(stage).blocks(); block++) {
                int out = stages.get(stage).channels();
                x = block(builder, "stage" + (stage + 1) + "." + block, x, channels, out, block == 0 ? 2 : 1);
                channels = out;
            }
        }
        x = builder.flatten(builder.globalAveragePool(x));
        return builder.output("logits", builder.linear("head", x, channels, classes), classes)
                .build();
    }

    private static String block(OnnxBuilder builder, String name, String x, int in, int out, int stride) {
        String y = builder.conv(name + ".conv1", x, in, out, 3, stride);
        y = builder.relu(builder.batchNorm(name + ".bn1", y, out));
        y = builder.batchNorm(name + ".bn2", builder.conv(name + ".conv2", y, out, out, 3, 1), out);
        String shortcut = x;
        if (stride != 1 || in != out) {
            shortcut = builder.batchNorm(
                    name + ".shortcut.bn", builder.conv(name + ".shortcut.conv", x, in, out, 1, stride), out);
        }
        return builder.relu(builder.add(y, shortcut));
    }
}
