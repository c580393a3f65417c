package io.cema.protocol.onnx;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.NormKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A convolution on integers that alone feeds a batch normalisation y = a x + b. The pair folds into it without touching
 * the magnitude of an integer: the scale of a channel's weights becomes s |a|, the signs of its integers flip where a is
 * negative, and the bias becomes b + a * bias.
 *
 * <p>The engine rounds the bias to INT32 in steps of (input scale * weight scale). |a| therefore has a floor that keeps the
 * bias within a quarter of that range and the scale above 0; at the floor the convolution adds less than a hundredth of
 * the bias to the channel.
 *
 * @param producer name of the Conv
 * @param weight its integer weights, [channels, ...], symmetric
 * @param weightScale name of the constant of their scales
 * @param scales their scales without the normalisation, per channel
 * @param inputScale the scale of the convolution's input
 * @param bias the convolution's own bias; zeros where it has none
 */
public record QuantizedFold(
        String producer, OnnxTensor weight, String weightScale, float[] scales, float inputScale, float[] bias) {
    private static final double LARGEST_BIAS = 1 << 29;
    private static final double SMALLEST_SCALE = 1e-30;

    /** The place to fold a layer of a quantised model into, if there is one. */
    public static Optional<QuantizedFold> of(OnnxModel model, NormSite site) {
        if (site.layer().kind() != NormKind.BATCH
                || model.soleConsumer(site.input()).isEmpty()) {
            return Optional.empty();
        }
        return model.producer(site.input())
                .filter(n -> n.is("Conv"))
                .flatMap(conv -> ofConv(model, conv, site.layer().channels()));
    }

    private static Optional<QuantizedFold> ofConv(OnnxModel model, OnnxNode conv, int channels) {
        Optional<OnnxNode> dequantize = model.producer(conv.input(1)).filter(n -> n.is("DequantizeLinear"));
        Optional<Float> inputScale = model.producer(conv.input(0))
                .filter(n -> n.is("DequantizeLinear"))
                .flatMap(n -> model.constant(n.input(1)))
                .filter(s -> s.size() == 1)
                .map(s -> s.floats()[0]);
        Optional<float[]> bias = conv.hasInput(2)
                ? model.constant(conv.input(2)).map(OnnxTensor::floats)
                : Optional.of(new float[channels]);
        if (dequantize.isEmpty()
                || inputScale.isEmpty()
                || bias.isEmpty()
                || model.soleConsumer(dequantize.get().output()).isEmpty()
                || model.soleConsumer(dequantize.get().input(0)).isEmpty()
                || model.soleConsumer(dequantize.get().input(1)).isEmpty()) {
            return Optional.empty();
        }
        Optional<OnnxTensor> weight = model.constant(dequantize.get().input(0))
                .filter(w -> w.type() == OnnxTensor.Type.INT8)
                .filter(w -> w.dims().length == 4 && w.dims()[0] == channels);
        Optional<OnnxTensor> scales = model.constant(dequantize.get().input(1)).filter(s -> s.size() == channels);
        if (weight.isEmpty() || scales.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new QuantizedFold(
                conv.name(), weight.get(), scales.get().name(), scales.get().floats(), inputScale.get(), bias.get()));
    }

    /**
     * Folds every layer of a quantised model that can be folded, with its own parameters, and notes in the file's
     * metadata how to take it out again: {@link OnnxModel#parse} of the result shows the model given here.
     */
    public static byte[] foldAll(OnnxModel model) {
        AffineParameters affine = model.affine();
        OnnxGraphEditor editor = model.edit();
        List<FoldRecord.Layer> folded = new ArrayList<>();
        for (int i = 0; i < model.normSites().size(); i++) {
            NormSite site = model.normSites().get(i);
            Optional<QuantizedFold> place = of(model, site);
            if (place.isPresent()) {
                AffineParameters.Layer pair = affine.layers().get(i);
                boolean hasBias = model.node(place.get().producer()).hasInput(2);
                place.get().apply(editor, site, pair);
                folded.add(place.get().record(site, pair, hasBias, editor));
            }
        }
        FoldRecord.write(editor, folded);
        return editor.toBytes();
    }

    private FoldRecord.Layer record(
            NormSite site, AffineParameters.Layer pair, boolean hasBias, OnnxGraphEditor editor) {
        return new FoldRecord.Layer(
                site.layer().name(),
                site.layer().epsilon(),
                producer,
                weight.name(),
                weightScale,
                editor.node(producer).input(2),
                FoldRecord.text(site.gamma().constant().floats()),
                FoldRecord.text(site.beta().orElseThrow().constant().floats()),
                FoldRecord.text(site.mean().orElseThrow().constant().floats()),
                FoldRecord.text(site.variance().orElseThrow().constant().floats()),
                FoldRecord.text(scales),
                hasBias ? FoldRecord.text(bias) : "",
                IntStream.of(flips(pair)).boxed().toList());
    }

    /** Channels whose integers change sign under this pair. */
    public int[] flips(AffineParameters.Layer pair) {
        return IntStream.range(0, scales.length)
                .filter(c -> pair.scale()[c] < 0)
                .toArray();
    }

    /** Puts the pair into the convolution and takes the normalisation out. */
    public void apply(OnnxGraphEditor editor, NormSite site, AffineParameters.Layer pair) {
        int channels = scales.length;
        float[] folded = foldedScales(pair);
        float[] shift = new float[channels];
        for (int c = 0; c < channels; c++) {
            shift[c] = (float) (pair.shift()[c] + (double) pair.scale()[c] * bias[c]);
        }
        int[] flips = flips(pair);
        if (flips.length > 0) {
            editor.replaceInitializer(OnnxTensor.of(
                    weight.name(), weight.type(), flipped(weight.bytes(), flips, channels), weight.dims()));
        }
        editor.replaceInitializer(OnnxTensor.of(weightScale, folded, channels));
        editor.setConstant(producer, 2, shift, channels);
        editor.removeNode(site.nodes().get(0));
        editor.replaceNode(editor.node(producer).withOutput(site.output()));
    }

    private float[] foldedScales(AffineParameters.Layer pair) {
        float[] folded = new float[scales.length];
        for (int c = 0; c < folded.length; c++) {
            double a = pair.scale()[c];
            double b = pair.shift()[c] + a * bias[c];
            double floor = Math.max(
                    SMALLEST_SCALE / scales[c], Math.abs(b) / ((double) scales[c] * inputScale * LARGEST_BIAS));
            folded[c] = (float) (scales[c] * Math.max(Math.abs(a), floor));
        }
        return folded;
    }

    /**
     * The parameters as an engine on integers applies them: the shift of each folded layer such that the bias is a whole
     * number of the steps it is rounded to. Half a step of the bias decides between two steps of about one activation in
     * a thousand, and these spread; a twin has to take the same ones.
     */
    public static AffineParameters asComputed(OnnxModel model, AffineParameters affine) {
        affine.requireMatches(model.normLayers());
        List<AffineParameters.Layer> layers = new ArrayList<>();
        for (int i = 0; i < affine.layers().size(); i++) {
            AffineParameters.Layer pair = affine.layers().get(i);
            layers.add(of(model, model.normSites().get(i))
                    .map(fold -> fold.rounded(pair))
                    .orElse(pair));
        }
        return new AffineParameters(layers);
    }

    private AffineParameters.Layer rounded(AffineParameters.Layer pair) {
        float[] folded = foldedScales(pair);
        float[] shift = new float[folded.length];
        for (int c = 0; c < shift.length; c++) {
            double own = (double) pair.scale()[c] * bias[c];
            // In float32, as the engine does it.
            float step = inputScale * folded[c];
            double steps = Math.rint((float) (pair.shift()[c] + own) / step);
            shift[c] = (float) (steps * step - own);
        }
        return new AffineParameters.Layer(pair.name(), pair.scale(), shift);
    }

    /** The integers with these channels negated; -128 does not occur in symmetric weights. */
    static byte[] flipped(byte[] integers, int[] channels, int of) {
        byte[] result = integers.clone();
        int each = integers.length / of;
        for (int channel : channels) {
            for (int i = channel * each; i < (channel + 1) * each; i++) {
                result[i] = (byte) -result[i];
            }
        }
        return result;
    }
}
