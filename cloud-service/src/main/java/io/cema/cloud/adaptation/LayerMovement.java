package io.cema.cloud.adaptation;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.AffineParameters.Layer;
import io.cema.protocol.model.NormKind;
import io.cema.protocol.model.NormLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * How far one normalisation layer moved: root mean squares over its channels. Of several experts each number is the largest,
 * so that no layer that moved for one of them is missed.
 */
@Schema(
        description =
                "How far one normalisation layer moved: root mean squares over its channels, of several experts the"
                        + " largest")
record LayerMovement(
        @Schema(example = "layer1.0.bn1") String name,
        NormKind kind,
        int channels,
        @Schema(description = "Of the scale, from the registered model's own") double scale,
        @Schema(description = "Of the shift, from the registered model's own") double shift,
        @Schema(description = "Of the scale, from the version it went on from, there from the nearest expert")
                double scaleSinceParent,
        @Schema(description = "Of the shift, from the version it went on from, there from the nearest expert")
                double shiftSinceParent) {

    /**
     * @param differences to the registered model's own affine, of each expert
     * @param sinceParent likewise to the parent's
     */
    static List<LayerMovement> of(
            List<NormLayer> layers, List<AffineParameters> differences, List<AffineParameters> sinceParent) {
        List<LayerMovement> movements = new ArrayList<>(layers.size());
        for (int i = 0; i < layers.size(); i++) {
            NormLayer layer = layers.get(i);
            movements.add(new LayerMovement(
                    layer.name(),
                    layer.kind(),
                    layer.channels(),
                    most(differences, i, Layer::scale),
                    most(differences, i, Layer::shift),
                    most(sinceParent, i, Layer::scale),
                    most(sinceParent, i, Layer::shift)));
        }
        return movements;
    }

    private static double most(List<AffineParameters> experts, int layer, Function<Layer, float[]> part) {
        return experts.stream()
                .mapToDouble(e -> rootMeanSquare(part.apply(e.layers().get(layer))))
                .max()
                .orElseThrow();
    }

    private static double rootMeanSquare(float[] values) {
        return Math.sqrt(squares(values) / values.length);
    }

    /** Sum of squares over all layers, of scales and shifts alike. */
    static double squares(AffineParameters affine) {
        return affine.layers().stream()
                .mapToDouble(l -> squares(l.scale()) + squares(l.shift()))
                .sum();
    }

    private static double squares(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return sum;
    }
}
