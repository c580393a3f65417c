package io.cema.cloud.adaptation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.AffineParameters.Layer;
import io.cema.protocol.model.NormKind;
import io.cema.protocol.model.NormLayer;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerMovementTest {
    private static final NormLayer LAYER = new NormLayer("bn1", NormKind.BATCH, 2, 1e-5, false);

    @Test
    void movement_isTheRootMeanSquareOverTheLayersChannels() {
        AffineParameters difference = affine(3, -4, 0, 0);
        AffineParameters sinceParent = affine(0, 0, 1, 1);

        LayerMovement movement = LayerMovement.of(List.of(LAYER), List.of(difference), List.of(sinceParent))
                .get(0);

        assertThat(movement.name()).isEqualTo("bn1");
        assertThat(movement.scale()).isCloseTo(Math.sqrt(12.5), within(1e-9));
        assertThat(movement.shift()).isZero();
        assertThat(movement.scaleSinceParent()).isZero();
        assertThat(movement.shiftSinceParent()).isEqualTo(1);
    }

    @Test
    void movement_ofSeveralExperts_isTheLargestOfEachNumber() {
        List<AffineParameters> differences = List.of(affine(1, 1, 0, 0), affine(0, 0, -5, 5));
        List<AffineParameters> sinceParent = List.of(affine(0, 0, 2, 2), affine(3, 3, 1, 1));

        LayerMovement movement =
                LayerMovement.of(List.of(LAYER), differences, sinceParent).get(0);

        assertThat(movement.scale()).isEqualTo(1);
        assertThat(movement.shift()).isEqualTo(5);
        assertThat(movement.scaleSinceParent()).isEqualTo(3);
        assertThat(movement.shiftSinceParent()).isEqualTo(2);
    }

    private static AffineParameters affine(float scale1, float scale2, float shift1, float shift2) {
        return new AffineParameters(
                List.of(new Layer("bn1", new float[] {scale1, scale2}, new float[] {shift1, shift2})));
    }
}
