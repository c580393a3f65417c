package io.cema.cloud.compression;

import io.cema.cloud.adaptation.torch.TorchModel;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.cloud.compression.CompressionSettings.Calibration;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxGraphEditor;
import io.cema.protocol.onnx.OnnxModel;
import java.util.List;
import java.util.Map;

/**
 * Prunes and quantises without learning: the masks, ranges and integers of {@link Compressor}, left as they are before its
 * training. For networks whose speed is asked for and whose answers are not, such as those with random weights; anything
 * that serves goes through the {@code Compressor}.
 */
public final class PostTraining {
    private PostTraining() {}

    /** The model with every weight that sparse tensor cores can use pruned 2:4 by magnitude. */
    public static OnnxModel pruned(OnnxModel model) {
        OnnxGraphEditor editor = model.edit();
        TwoOfFour.masks(model).forEach((name, mask) -> {
            float[] weights = model.constant(name).orElseThrow().floats();
            for (int i = 0; i < weights.length; i++) {
                weights[i] *= mask[i];
            }
            editor.replaceInitializer(name, weights);
        });
        return editor.build();
    }

    /**
     * The model with integer weights and Q/DQ around what its engine computes in integers, as {@link Compressor} places
     * them.
     *
     * @param model float32, operator set 13 or newer, no batch normalisation behind a convolution
     * @param images the ranges of activations are chosen on
     * @param threads of libtorch
     */
    public static OnnxModel quantized(
            OnnxModel model, List<Image> images, Preprocessing preprocessing, Calibration calibration, int threads) {
        InputCheck.requireQuantizable(model);
        OnnxModel split = GemmSplitter.split(model);
        QuantizationPlan plan = new QuantizationPlan(split);
        List<String> values = plan.activations().values().stream().distinct().toList();
        Map<String, Float> ranges;
        try (TorchModel runnable = TorchModel.load(split, TorchSettings.cpu(threads))) {
            TrainingImages shown = new TrainingImages(images, preprocessing, 1, false);
            ranges = new RangeCalibration(runnable, shown).ranges(values, images, calibration);
        }
        return QuantizedGraph.withIntegers(new QuantizedGraph(split, plan).forTraining(ranges));
    }
}
