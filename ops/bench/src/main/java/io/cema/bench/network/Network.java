package io.cema.bench.network;

import io.cema.bench.training.VisionTransformer;
import io.cema.bench.training.VisionTransformer.Readout;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.Locale;
import java.util.function.LongFunction;

/** The networks that are timed: input [batch, 3, 224, 224], 1000 classes. */
public enum Network {
    /** 25.5 M parameters; batch normalisation folded. */
    RESNET50(seed -> BottleneckNet.resNet50().build(seed)),
    /** 86.6 M parameters (Touvron et al. 2021): patches of 16, width 768, 12 blocks, 12 heads. */
    DEIT_B(seed -> deit(224, 16, 768, 12, 12, 1000).build(seed));

    private final LongFunction<OnnxModel> builder;

    Network(LongFunction<OnnxModel> builder) {
        this.builder = builder;
    }

    /** The network of that shape: perceptrons of four times the width, read off the class token. */
    static VisionTransformer deit(int side, int patch, int width, int depth, int heads, int classes) {
        return new VisionTransformer("deit", side, patch, width, depth, heads, classes, 4, Readout.CLASS_TOKEN);
    }

    /** In float32 with random weights; the same seed gives the same file. */
    public OnnxModel build(long seed) {
        return builder.apply(seed);
    }

    /** As files and options name it, e.g. "deit-b". */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Weights and biases of a float32 model. */
    static long parameters(OnnxModel model) {
        return model.initializers().values().stream()
                .filter(t -> t.type() == OnnxTensor.Type.FLOAT)
                .mapToLong(OnnxTensor::size)
                .sum();
    }
}
