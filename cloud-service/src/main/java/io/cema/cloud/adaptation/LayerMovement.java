package io.cema.cloud.adaptation;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.NormKind;
import io.cema.protocol.model.NormLayer;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** How far one normalisation layer moved: root mean squares over its channels. */
@Schema(description = "How far one normalisation layer moved: root mean squares over its channels")
record LayerMovement(
        @Schema(example = "layer1.0.bn1") String name,
        NormKind kind,
        int channels,
        @Schema(description = "Of the scale, from the registered model's own") double scale,
        @Schema(description = "Of the shift, from the registered model's own") double shift,
        @Schema(description = "Of the scale, from the version it went on from") double scaleSinceParent,
        @Schema(description = "Of the shift, from the version it went on from") double shiftSinceParent) {

    /**
     * @param difference to the registered model's own affine
     * @param sinceParent to the parent's
     */
    static List<LayerMovement> of(List<NormLayer> layers, AffineParameters difference, AffineParameters sinceParent) {
        List<LayerMovement> movements = new ArrayList<>(layers.size());
        for (int i = 0; i < layers.size(); i++) {
            AffineParameters.Layer whole = difference.layers().get(i);
            AffineParameters.Layer last = sinceParent.layers().get(i);
            NormLayer layer = layers.get(i);
            movements.add(new LayerMovement(
                    layer.name(),
                    layer.kind(),
                    layer.channels(),
                    rootMeanSquare(whole.scale()),
                    rootMeanSquare(whole.shift()),
                    rootMeanSquare(last.scale()),
                    rootMeanSquare(last.shift())));
        }
        return movements;
    }

    private static double rootMeanSquare(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum / values.length);
    }
}
