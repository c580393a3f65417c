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
    @Test
    void movement_isTheRootMeanSquareOverTheLayersChannels() {
        NormLayer layer = new NormLayer("bn1", NormKind.BATCH, 2, 1e-5, false);
        AffineParameters difference =
                new AffineParameters(List.of(new Layer("bn1", new float[] {3, -4}, new float[] {0, 0})));
        AffineParameters sinceParent =
                new AffineParameters(List.of(new Layer("bn1", new float[] {0, 0}, new float[] {1, 1})));

        LayerMovement movement =
                LayerMovement.of(List.of(layer), difference, sinceParent).get(0);

        assertThat(movement.name()).isEqualTo("bn1");
        assertThat(movement.scale()).isCloseTo(Math.sqrt(12.5), within(1e-9));
        assertThat(movement.shift()).isZero();
        assertThat(movement.scaleSinceParent()).isZero();
        assertThat(movement.shiftSinceParent()).isEqualTo(1);
    }
}
