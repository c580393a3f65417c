package io.cema.edge.update;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceEngine;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.onnx.NormSite;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxGraphEditor;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.QuantizedFold;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Puts effective affine parameters into a base model. Where a convolution or Gemm alone feeds a batch normalisation, the
 * pair folds into it exactly, W' = a * W per output channel and bias' = b + a * bias, and the normalisation goes. Elsewhere
 * (pre-activation nets, after Add or Concat, a convolution with two readers) it stays as one multiplication and one
 * addition per channel: a batch normalisation of mean 0 and variance 1. Layer, group and instance normalisation get new
 * scales and shifts. In a compressed model the fold touches scales, signs and bias of a convolution on integers and no
 * magnitude, see {@link QuantizedFold}.
 *
 * <p>The graph is analysed once. Immutable, so usable from every thread.
 */
public final class AffineFolder {
    private static final int PROBES = 2;
    /** Relative to the largest logit: folding changes the order of float32 operations and nothing else. */
    private static final double TOLERANCE = 1e-3;
    /**
     * On integers the folded graph rounds where the unfolded one, computed in float, rounds a little earlier or later: a
     * value between two steps may take the other one. A wrong fold is off by a multiple of the logits.
     */
    private static final double QUANTIZED_TOLERANCE = 0.1;

    private final OnnxModel model;
    private final AffineParameters base;
    private final List<Optional<FoldSite>> sites;
    /** Likewise, for convolutions on integers. */
    private final List<Optional<QuantizedFold>> quantized;

    public AffineFolder(OnnxModel model) {
        this.model = model;
        this.base = model.affine();
        this.sites = model.normSites().stream().map(s -> FoldSite.of(model, s)).toList();
        this.quantized =
                model.normSites().stream().map(s -> QuantizedFold.of(model, s)).toList();
    }

    /** The base model's own effective affine. */
    public AffineParameters base() {
        return base;
    }

    /** How many of the layers fold into what stands before them. */
    public int foldedLayers() {
        return (int) Stream.concat(sites.stream(), quantized.stream())
                .filter(Optional::isPresent)
                .count();
    }

    /** Channels whose integer weights change sign between the base model's file and these parameters. */
    public int signFlips(AffineParameters affine) {
        affine.requireMatches(model.normLayers());
        int flips = 0;
        for (int i = 0; i < quantized.size(); i++) {
            if (quantized.get(i).isPresent()) {
                float[] before = base.layers().get(i).scale();
                float[] after = affine.layers().get(i).scale();
                for (int c = 0; c < before.length; c++) {
                    flips += before[c] < 0 != after[c] < 0 ? 1 : 0;
                }
            }
        }
        return flips;
    }

    /**
     * The base model with these parameters in place of its own, as an ONNX file.
     *
     * @throws IllegalArgumentException if the parameters are another model's, or not finite
     */
    public byte[] fold(AffineParameters affine) {
        return edit(affine, true);
    }

    /** The same function with every normalisation layer left standing: what {@link #fold} must agree with. */
    byte[] replace(AffineParameters affine) {
        return edit(affine, false);
    }

    /**
     * Runs the folded and the unfolded graph side by side on parameters unlike the base model's.
     *
     * @throws OnnxFormatException if they disagree: this graph must not be folded
     */
    public void check(EngineFactory engines) {
        AffineParameters probe = perturbed();
        try (InferenceEngine folded = engines.open(fold(probe));
                InferenceEngine unfolded = engines.open(replace(probe))) {
            float[] input = new float[PROBES * folded.inputLength()];
            for (int i = 0; i < input.length; i++) {
                input[i] = (float) Math.sin(0.7 * i);
            }
            float[] have = folded.logits(input, PROBES);
            float[] want = unfolded.logits(input, PROBES);
            double largest = 1e-3;
            double difference = 0;
            for (int i = 0; i < want.length; i++) {
                largest = Math.max(largest, Math.abs(want[i]));
                difference = Math.max(difference, Math.abs(want[i] - have[i]));
            }
            if (!(difference <= tolerance() * largest)) {
                throw new OnnxFormatException(String.format(
                        Locale.ROOT,
                        "folding changes this model's logits by %.2g (largest logit %.2g); please report its graph",
                        difference,
                        largest));
            }
        }
    }

    private double tolerance() {
        return quantized.stream().anyMatch(Optional::isPresent) ? QUANTIZED_TOLERANCE : TOLERANCE;
    }

    private AffineParameters perturbed() {
        List<AffineParameters.Layer> layers = new ArrayList<>();
        for (AffineParameters.Layer layer : base.layers()) {
            float[] scale = layer.scale().clone();
            float[] shift = layer.shift().clone();
            for (int c = 0; c < scale.length; c++) {
                scale[c] *= (float) (1 + 0.1 * Math.sin(c + 1.0));
                shift[c] += (float) (0.05 * Math.cos(c));
            }
            layers.add(new AffineParameters.Layer(layer.name(), scale, shift));
        }
        return new AffineParameters(layers);
    }

    private byte[] edit(AffineParameters affine, boolean folding) {
        affine.requireMatches(model.normLayers());
        affine.requireFinite();
        OnnxGraphEditor editor = model.edit();
        for (int i = 0; i < sites.size(); i++) {
            NormSite site = model.normSites().get(i);
            AffineParameters.Layer pair = affine.layers().get(i);
            if (folding && sites.get(i).isPresent()) {
                foldInto(editor, sites.get(i).get(), site, pair);
            } else if (folding && quantized.get(i).isPresent()) {
                quantized.get(i).get().apply(editor, site, pair);
            } else {
                keep(editor, site, pair);
            }
        }
        return editor.toBytes();
    }

    private static void keep(OnnxGraphEditor editor, NormSite site, AffineParameters.Layer pair) {
        if (!site.layer().kind().hasRunningStatistics()) {
            editor.replaceNorm(pair.name(), pair.scale(), pair.shift(), Optional.empty(), Optional.empty());
            return;
        }
        int channels = pair.scale().length;
        // With mean 0 and variance 1 the layer divides by sqrt(1 + epsilon), which the scale makes good.
        double divisor = Math.sqrt(1 + site.layer().epsilon());
        float[] gamma = new float[channels];
        float[] ones = new float[channels];
        for (int c = 0; c < channels; c++) {
            gamma[c] = (float) (pair.scale()[c] * divisor);
            ones[c] = 1;
        }
        editor.replaceNorm(pair.name(), gamma, pair.shift(), Optional.of(new float[channels]), Optional.of(ones));
    }

    private static void foldInto(OnnxGraphEditor editor, FoldSite into, NormSite site, AffineParameters.Layer pair) {
        float[] weight = into.weight().floats();
        int channels = pair.scale().length;
        for (int k = 0; k < weight.length; k++) {
            weight[k] *= pair.scale()[k / into.channelStride() % channels];
        }
        float[] bias = new float[channels];
        for (int c = 0; c < channels; c++) {
            bias[c] = (float) (pair.shift()[c] + (double) pair.scale()[c] * into.bias()[c]);
        }
        editor.setConstant(into.producer(), 1, weight, into.weight().dims());
        editor.setConstant(into.producer(), 2, bias, channels);
        editor.removeNode(site.nodes().get(0));
        OnnxNode producer = editor.node(into.producer());
        editor.replaceNode(new OnnxNode(
                producer.name(),
                producer.domain(),
                producer.op(),
                producer.inputs(),
                List.of(site.output()),
                // The factor of a Gemm's bias is in the bias by now.
                producer.attributes().without("beta")));
    }
}
