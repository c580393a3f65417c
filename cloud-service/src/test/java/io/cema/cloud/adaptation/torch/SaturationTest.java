package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.adaptation.Expert;
import io.cema.protocol.adaptation.LookScore;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageFeatures;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a candidate does to the integers of a quantised edge model. */
class SaturationTest {
    private static final int SIDE = 4;
    private static final int CLASSES = 3;
    private static final float STEP = 0.01f;

    @Test
    void saturation_scaleThatFits_isNone() {
        assertThat(saturation(OnnxTensor.Type.INT8, 1, 0).share()).isZero();
    }

    @Test
    void saturation_largerScale_countsAndNamesTheActivation() {
        Saturation saturation = saturation(OnnxTensor.Type.INT8, 2, 0);

        assertThat(saturation.activation()).isEqualTo("bn.out");
        // A quarter of the pixels is white, and 2 lies beyond 127 steps.
        assertThat(saturation.share()).isCloseTo(0.25, within(1e-9));
    }

    @Test
    void saturation_belowTheLowestInteger_counts() {
        assertThat(saturation(OnnxTensor.Type.INT8, 1, -2).share()).isCloseTo(0.75, within(1e-9));
    }

    @Test
    void saturation_belowZeroWhereZeroIsTheLowestInteger_isWhatAReluDoes() {
        assertThat(saturation(OnnxTensor.Type.UINT8, 1, -2).share()).isZero();
    }

    @Test
    void saturation_floatModel_isNone() {
        try (Distiller distiller = distiller(Optional.empty())) {
            assertThat(distiller.saturation(List.of(quarterWhite()), Adaptation.of(distiller.base())))
                    .isEqualTo(Saturation.NONE);
        }
    }

    @Test
    void saturation_ofSeveralExperts_looksAtEachOnItsOwnImages() {
        // Of the bright image a quarter saturates, of the black one nothing would.
        assertThat(ofTwoExperts(1, 2)).isCloseTo(0.125, within(1e-9));
        assertThat(ofTwoExperts(2, 1)).isZero();
    }

    /** Share, with one expert for dark images and one for bright ones, on one of each. */
    private static double ofTwoExperts(float scaleOfDark, float scaleOfBright) {
        try (Distiller distiller = distiller(Optional.of(OnnxTensor.Type.INT8))) {
            float[] brightness = new float[ImageFeatures.COUNT];
            brightness[0] = 1;
            Adaptation experts = new Adaptation(List.of(
                    new Expert(
                            affine(distiller, scaleOfDark, 0),
                            Optional.of(new LookScore(new float[ImageFeatures.COUNT], 0.1f))),
                    new Expert(affine(distiller, scaleOfBright, 0), Optional.of(new LookScore(brightness, 0)))));
            Image black = new Image(SIDE, SIDE, new byte[3 * SIDE * SIDE]);
            return distiller.saturation(List.of(black, quarterWhite()), experts).share();
        }
    }

    private static Saturation saturation(OnnxTensor.Type type, float scale, float shift) {
        try (Distiller distiller = distiller(Optional.of(type))) {
            AffineParameters before = distiller.affine();

            Saturation saturation = distiller.saturation(
                    List.of(quarterWhite(), quarterWhite()), Adaptation.of(affine(distiller, scale, shift)));

            assertThat(distiller.affine()).isEqualTo(before);
            return saturation;
        }
    }

    private static AffineParameters affine(Distiller distiller, float scale, float shift) {
        float[] scales = new float[3];
        float[] shifts = new float[3];
        Arrays.fill(scales, scale);
        Arrays.fill(shifts, shift);
        String layer = distiller.layers().get(0).name();
        return new AffineParameters(List.of(new AffineParameters.Layer(layer, scales, shifts)));
    }

    /** White above, black below. */
    private static Image quarterWhite() {
        byte[] rgb = new byte[3 * SIDE * SIDE];
        Arrays.fill(rgb, 0, rgb.length / 4, (byte) 255);
        return new Image(SIDE, SIDE, rgb);
    }

    private static Distiller distiller(Optional<OnnxTensor.Type> type) {
        return Distiller.open(
                part("edge", type),
                part("foundation", Optional.empty()),
                AdaptationSettings.published(),
                TorchSettings.cpu(1));
    }

    private static Distiller.Part part(String name, Optional<OnnxTensor.Type> type) {
        OnnxBuilder net = new OnnxBuilder(name, 17, 1);
        String x = net.batchNorm("bn", net.input("input", SIDE, SIDE), 3);
        if (type.isPresent()) {
            String step = net.constant(OnnxTensor.of("step", new float[] {STEP}));
            String zero = net.constant(OnnxTensor.of("zero", type.get(), new byte[1]));
            String integers = net.node("quantize", "QuantizeLinear", OnnxAttributes.none(), x, step, zero);
            x = net.node("dequantize", "DequantizeLinear", OnnxAttributes.none(), integers, step, zero);
        }
        OnnxModel model = net.output(
                        "logits", net.linear("fc", net.flatten(net.globalAveragePool(x)), 3, CLASSES), CLASSES)
                .build();
        return Networks.part(name, model, SIDE, CLASSES);
    }
}
