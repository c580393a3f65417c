package io.cema.bench.network;

import io.cema.cloud.compression.CompressionSettings.Calibration;
import io.cema.cloud.compression.CompressionSettings.Method;
import io.cema.cloud.compression.PostTraining;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.SignedActivations;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * One network in all its forms, as TensorRT's strongly typed mode takes them: the file says of every value what type it
 * has. Pruning and quantisation are the product's; see {@link PostTraining}. Confined to one thread.
 */
public final class NetworkForms {
    private static final Preprocessing PREPROCESSING = new Preprocessing(List.of(.5, .5, .5), List.of(.25, .25, .25));
    private static final Calibration EVERYTHING_SEEN = new Calibration(Method.MIN_MAX, 100, 0);
    private static final int THREADS = 1;

    private final OnnxModel dense;
    private final List<Image> images;
    private final Map<Form, OnnxModel> quantized = new EnumMap<>(Form.class);

    /**
     * @param dense in float32, operator set 19 or newer
     * @param images random ones that the ranges of activations are read off, at least 1
     * @param seed of the images
     */
    public NetworkForms(OnnxModel dense, int images, long seed) {
        this.dense = dense;
        this.images = images(dense, images, new Random(seed));
    }

    private static List<Image> images(OnnxModel of, int count, Random random) {
        return Stream.generate(() -> {
                    byte[] rgb = new byte[3 * of.height() * of.width()];
                    random.nextBytes(rgb);
                    return new Image(of.width(), of.height(), rgb);
                })
                .limit(count)
                .toList();
    }

    /** The file. */
    public byte[] of(Form form) {
        OnnxModel model = form.isInt8() ? int8(form) : weights(form);
        return form.isHalf() ? HalfPrecision.of(model) : model.toBytes();
    }

    private OnnxModel weights(Form form) {
        return form.isSparse() ? PostTraining.pruned(dense) : dense;
    }

    private OnnxModel int8(Form form) {
        Form measured = form.isSparse() ? Form.SPARSE_INT8 : Form.DENSE_INT8;
        OnnxModel known = quantized.get(measured);
        if (known == null) {
            OnnxModel made = PostTraining.quantized(weights(form), images, PREPROCESSING, EVERYTHING_SEEN, THREADS);
            known = ResidualFusion.of(OnnxModel.parse(SignedActivations.of(made.toBytes())));
            quantized.put(measured, known);
        }
        return known;
    }
}
