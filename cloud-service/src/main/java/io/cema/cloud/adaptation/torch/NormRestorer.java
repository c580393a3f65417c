package io.cema.cloud.adaptation.torch;

import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxGraphEditor;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Puts batch normalisation back into a model whose exporter folded it into the convolutions: behind each convolution
 * stands a normalisation with the measured mean and deviation of that convolution's output, and with scale and shift
 * that undo it. The function stays the same; it can be adapted now.
 */
public final class NormRestorer {
    /** Fewer images would not give a deviation worth the name. */
    public static final int LEAST_IMAGES = 32;

    private static final double EPSILON = 1e-5;
    /**
     * A channel that hardly moves gets this share of its layer's typical deviation instead of its own, so that the
     * first target batch in which it does move is not blown up.
     */
    private static final double DEVIATION_FLOOR = 0.01;

    private static final int BATCH = 16;

    private NormRestorer() {}

    /** True if the model has no normalisation layer, so that it has to be restored before it can be adapted. */
    public static boolean isNeeded(OnnxModel model) {
        return model.normLayers().isEmpty();
    }

    /**
     * Measures and restores. A model that has normalisation layers is given back as it is.
     *
     * @param images source images, preprocessed, [n, 3, height, width] in row-major order, n &gt;=
     *     {@link #LEAST_IMAGES}; a few hundred are enough, labels are not needed
     * @param settings where and how to run the model
     * @return the model with its normalisation layers marked as restored
     * @throws OnnxFormatException if the model has no convolution to restore a layer at
     * @throws IllegalArgumentException too few images, or another size
     */
    public static OnnxModel restore(OnnxModel model, float[] images, TorchSettings settings) {
        if (!isNeeded(model)) {
            return model;
        }
        if (model.nodes().stream().noneMatch(n -> n.is("Conv"))) {
            throw new OnnxFormatException("the model has neither a normalisation layer nor a convolution to restore one"
                    + " at; there is nothing in it to adapt");
        }
        int image = 3 * model.height() * model.width();
        if (images.length % image != 0 || images.length / image < LEAST_IMAGES) {
            throw new IllegalArgumentException("restoring the normalisation needs at least " + LEAST_IMAGES
                    + " images of 3x" + model.height() + "x" + model.width() + ", given are " + images.length
                    + " numbers (" + (double) images.length / image + " images)");
        }
        Map<String, ChannelMoments> moments = measure(model, images, settings);
        return insert(model, moments, images.length / image);
    }

    private static Map<String, ChannelMoments> measure(OnnxModel model, float[] images, TorchSettings settings) {
        Map<String, ChannelMoments> moments = new LinkedHashMap<>();
        Map<String, Consumer<Tensor>> observers = new LinkedHashMap<>();
        for (OnnxNode node : model.nodes()) {
            if (node.is("Conv")) {
                ChannelMoments own = new ChannelMoments();
                moments.put(node.name(), own);
                observers.put(node.output(), own::add);
            }
        }
        int image = 3 * model.height() * model.width();
        try (TorchModel runnable = TorchModel.load(model, settings)) {
            for (int from = 0; from < images.length; from += BATCH * image) {
                float[] batch = Arrays.copyOfRange(images, from, Math.min(images.length, from + BATCH * image));
                try (PointerScope scope = new PointerScope()) {
                    runnable.observe(
                            TensorData.of(batch, batch.length / image, 3, model.height(), model.width()),
                            NormMode.SOURCE,
                            observers);
                }
            }
        }
        // A convolution the output does not depend on was never run.
        moments.values().removeIf(m -> m.count == 0);
        // Squeeze-and-excitation layers convolve one pooled value per channel; they never had a normalisation, and the
        // statistics of a target batch would rest on as many values as it has images.
        if (moments.values().stream().anyMatch(m -> !m.pooled)) {
            moments.values().removeIf(m -> m.pooled);
        }
        return moments;
    }

    private static OnnxModel insert(OnnxModel model, Map<String, ChannelMoments> moments, int images) {
        OnnxGraphEditor editor = model.edit();
        List<String> restored = new ArrayList<>();
        moments.forEach((name, own) -> {
            OnnxNode conv = editor.node(name);
            String output = conv.output();
            String raw = editor.unusedName(output + ".raw");
            editor.replaceNode(conv.withOutput(raw));
            String norm = editor.unusedName(name + ".norm");
            double[] variance = own.variances();
            int channels = variance.length;
            float[] gamma = new float[channels];
            float[] beta = new float[channels];
            float[] runningVariance = new float[channels];
            for (int c = 0; c < channels; c++) {
                runningVariance[c] = (float) variance[c];
                // The epsilon is in it, so that scale / sqrt(variance + epsilon) is 1.
                gamma[c] = (float) Math.sqrt(runningVariance[c] + EPSILON);
                beta[c] = (float) own.mean[c];
            }
            String[] inputs = {raw, norm + ".weight", norm + ".bias", norm + ".running_mean", norm + ".running_var"};
            float[][] values = {gamma, beta, beta, runningVariance};
            for (int i = 0; i < values.length; i++) {
                inputs[i + 1] = editor.unusedName(inputs[i + 1]);
                editor.addInitializer(OnnxTensor.of(inputs[i + 1], values[i], channels));
            }
            editor.addNode(OnnxNode.of(
                    norm, "BatchNormalization", OnnxAttributes.none().with("epsilon", EPSILON), output, inputs));
            restored.add(norm);
        });
        return editor.markRestored(restored, images).build();
    }

    /** Mean and variance per channel, joined over batches in double (Chan et al. 1979). */
    private static final class ChannelMoments {
        private long count;
        private double[] mean;
        private double[] squares;
        private boolean pooled;

        void add(Tensor x) {
            try (PointerScope scope = new PointerScope()) {
                long[] axes = LongStream.range(0, x.dim()).filter(i -> i != 1).toArray();
                T_TensorTensor_T both = torch.var_mean(x.to(torch.ScalarType.Double), axes, false, false);
                double[] batchVariance = doubles(both.get0());
                double[] batchMean = doubles(both.get1());
                long elements = x.numel() / x.size(1);
                pooled = elements == x.size(0);
                join(elements, batchMean, batchVariance);
            }
        }

        private static double[] doubles(Tensor tensor) {
            Tensor plain = tensor.cpu().contiguous();
            double[] values = new double[Math.toIntExact(plain.numel())];
            plain.data_ptr_double().get(values);
            return values;
        }

        private void join(long elements, double[] batchMean, double[] batchVariance) {
            if (count == 0) {
                mean = new double[batchMean.length];
                squares = new double[batchMean.length];
            }
            long total = count + elements;
            for (int c = 0; c < mean.length; c++) {
                double delta = batchMean[c] - mean[c];
                squares[c] += batchVariance[c] * elements + delta * delta * count * elements / total;
                mean[c] += delta * elements / total;
            }
            count = total;
        }

        /** Population variance, not below the floor. */
        double[] variances() {
            double typical = Arrays.stream(squares).average().orElse(0) / count;
            double floor = DEVIATION_FLOOR * DEVIATION_FLOOR * typical;
            return Arrays.stream(squares).map(s -> Math.max(s / count, floor)).toArray();
        }
    }
}
