package io.cema.protocol.onnx;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.NormStatistics;
import java.util.ArrayList;
import java.util.List;

/**
 * A model's batch normalisations behind other statistics than their own: scales and shifts stay as trained. What has no
 * running statistics (layer, group and instance normalisation) stays as it is. Immutable.
 */
public final class Renormalisation {
    private final OnnxModel model;
    private final AffineParameters base;
    private final NormStatistics source;

    public Renormalisation(OnnxModel model) {
        this.model = model;
        this.base = model.affine();
        this.source = new NormStatistics(model.normSites().stream()
                .filter(site -> site.layer().kind().hasRunningStatistics())
                .map(site -> new NormStatistics.Layer(
                        site.layer().name(),
                        site.mean().orElseThrow().constant().floats(),
                        site.variance().orElseThrow().constant().floats()))
                .toList());
    }

    /** The registered model's running statistics; no layers, if it has no batch normalisation. */
    public NormStatistics source() {
        return source;
    }

    /**
     * The effective affine behind these statistics, blended with the source's: a = gamma / sqrt(variance + epsilon),
     * b = beta - mean * a.
     *
     * @param prior the source's share, 0 to 1; behind 1, or behind the source's own statistics, it is the model's own affine
     * @throws IllegalArgumentException if the statistics are another model's
     */
    public AffineParameters affine(NormStatistics target, double prior) {
        NormStatistics blended = target.blended(source, prior);
        List<AffineParameters.Layer> layers = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < model.normSites().size(); i++) {
            NormSite site = model.normSites().get(i);
            layers.add(
                    site.layer().kind().hasRunningStatistics()
                            ? behind(site, blended.layers().get(next++))
                            : base.layers().get(i));
        }
        return new AffineParameters(layers);
    }

    private static AffineParameters.Layer behind(NormSite site, NormStatistics.Layer statistics) {
        float[] scale = site.gamma().constant().floats();
        float[] shift = site.beta().orElseThrow().constant().floats();
        for (int c = 0; c < scale.length; c++) {
            double a =
                    scale[c] / Math.sqrt(statistics.variance()[c] + site.layer().epsilon());
            shift[c] = (float) (shift[c] - statistics.mean()[c] * a);
            scale[c] = (float) a;
        }
        return new AffineParameters.Layer(site.layer().name(), scale, shift);
    }
}
