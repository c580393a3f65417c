package io.cema.cloud.adaptation.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.model.Preprocessing;
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

    private static Saturation saturation(OnnxTensor.Type type, float scale, float shift) {
        try (Distiller distiller = distiller(Optional.of(type))) {
            AffineParameters.Layer base = distiller.base().layers().get(0);
            float[] scales = new float[3];
            float[] shifts = new float[3];
            Arrays.fill(scales, scale);
            Arrays.fill(shifts, shift);
            AffineParameters before = distiller.affine();

            Saturation saturation = distiller.saturation(
                    List.of(quarterWhite(), quarterWhite()),
                    Adaptation.of(
                            new AffineParameters(List.of(new AffineParameters.Layer(base.name(), scales, shifts)))));

            assertThat(distiller.affine()).isEqualTo(before);
            return saturation;
        }
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
        byte[] bytes = model.toBytes();
        return new Distiller.Part(
                bytes,
                new ModelManifest(
                        "0".repeat(64),
                        name,
                        bytes.length,
                        17,
                        "input",
                        SIDE,
                        SIDE,
                        "logits",
                        CLASSES,
                        List.of(),
                        new Preprocessing(List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)),
                        model.normLayers()));
    }
}
