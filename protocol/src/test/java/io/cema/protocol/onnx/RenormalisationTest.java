package io.cema.protocol.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.NormStatistics;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RenormalisationTest {
    private static final OnnxModel MODEL = model();
    private final Renormalisation renormalisation = new Renormalisation(MODEL);

    @Test
    void affine_theSourcesOwnStatistics_isTheModelsOwn() {
        for (double prior : new double[] {0, 0.5, 1}) {
            assertThat(renormalisation.affine(renormalisation.source(), prior)).isEqualTo(MODEL.affine());
        }
    }

    @Test
    void affine_allPrior_isTheModelsOwnWhateverWasMeasured() {
        assertThat(renormalisation.affine(moved(3, 7), 1)).isEqualTo(MODEL.affine());
    }

    @Test
    void affine_knownShift_isItsExactInverse() {
        float by = 3;
        float to = 7;

        AffineParameters affine = renormalisation.affine(moved(by, to), 0);

        for (int l = 0; l < affine.layers().size(); l++) {
            AffineParameters.Layer own = MODEL.affine().layers().get(l);
            AffineParameters.Layer other = affine.layers().get(l);
            for (int c = 0; c < own.scale().length; c++) {
                for (float x : new float[] {-1, 0, 2}) {
                    double moved = by * x + to;
                    // Epsilon stays as it is, 1e-5 beside variances of 1: some millionths.
                    assertThat(other.scale()[c] * moved + other.shift()[c])
                            .isCloseTo(own.scale()[c] * x + own.shift()[c], within(1e-4));
                }
            }
        }
    }

    @Test
    void affine_ofAnotherModel_isRefusedByItsLayer() {
        NormStatistics other =
                new NormStatistics(List.of(new NormStatistics.Layer("bn1", new float[3], new float[3]), layer(1)));

        assertThatThrownBy(() -> renormalisation.affine(other, 0.5))
                .hasMessageContaining("bn1")
                .hasMessageContaining("3");
    }

    @Test
    void codec_whatWentUp_comesOutToElevenBits() {
        NormStatistics moved = moved(1.7f, -0.3f);

        NormStatistics decoded = StatisticsCodec.decode(
                StatisticsCodec.encode(moved, renormalisation.source()), renormalisation.source());

        for (int l = 0; l < moved.layers().size(); l++) {
            for (int c = 0; c < moved.layers().get(l).channels(); c++) {
                double deviation = Math.sqrt(layer(l).variance()[c]);
                assertThat((double) decoded.layers().get(l).mean()[c])
                        .isCloseTo(moved.layers().get(l).mean()[c], within(2e-3 * deviation));
                double variance = moved.layers().get(l).variance()[c];
                assertThat((double) decoded.layers().get(l).variance()[c]).isCloseTo(variance, within(2e-3 * variance));
            }
        }
    }

    @Test
    void codec_anotherLengthOrNoNumber_isRefused() {
        byte[] encoded = StatisticsCodec.encode(renormalisation.source(), renormalisation.source());
        byte[] noNumber = encoded.clone();
        noNumber[2] = 0x7e;

        assertThatThrownBy(() -> StatisticsCodec.decode(new byte[encoded.length - 1], renormalisation.source()))
                .hasMessageContaining("no statistics of 12 channels");
        assertThatThrownBy(() -> StatisticsCodec.decode(noNumber, renormalisation.source()))
                .hasMessageContaining("bn1, channel 0");
    }

    @Test
    void pooled_twoSets_isWhatAllTogetherHave() {
        Random random = new Random(3);
        double[] first = random.doubles(30).toArray();
        double[] second = random.doubles(70).map(x -> 5 * x + 2).toArray();
        double[] all = new double[100];
        System.arraycopy(first, 0, all, 0, 30);
        System.arraycopy(second, 0, all, 30, 70);

        NormStatistics.Layer pooled = NormStatistics.pooled(List.of(of(first), of(second)), new double[] {30, 70})
                .layers()
                .get(0);

        assertThat(pooled.mean()[0]).isCloseTo(of(all).layers().get(0).mean()[0], within(1e-5f));
        assertThat(pooled.variance()[0]).isCloseTo(of(all).layers().get(0).variance()[0], within(1e-5f));
    }

    private static NormStatistics of(double[] values) {
        double mean = java.util.Arrays.stream(values).average().orElseThrow();
        double variance = java.util.Arrays.stream(values)
                .map(x -> (x - mean) * (x - mean))
                .average()
                .orElseThrow();
        return new NormStatistics(
                List.of(new NormStatistics.Layer("bn", new float[] {(float) mean}, new float[] {(float) variance})));
    }

    /** The source's statistics of inputs times {@code by}, plus {@code to}. */
    private NormStatistics moved(float by, float to) {
        return new NormStatistics(renormalisation.source().layers().stream()
                .map(layer -> {
                    float[] mean = layer.mean().clone();
                    float[] variance = layer.variance().clone();
                    for (int c = 0; c < mean.length; c++) {
                        mean[c] = by * mean[c] + to;
                        variance[c] *= by * by;
                    }
                    return new NormStatistics.Layer(layer.name(), mean, variance);
                })
                .toList());
    }

    private NormStatistics.Layer layer(int index) {
        return renormalisation.source().layers().get(index);
    }

    private static OnnxModel model() {
        OnnxBuilder b = new OnnxBuilder("net", 17, 5);
        String x = b.relu(b.batchNorm("bn1", b.conv("conv1", b.input("input", 8, 8), 3, 4, 3, 1), 4));
        String y = b.relu(b.batchNorm("bn2", b.conv("conv2", x, 4, 8, 3, 2), 8));
        return b.output("logits", b.linear("fc", b.flatten(b.globalAveragePool(y)), 8, 5), 5)
                .build();
    }
}
