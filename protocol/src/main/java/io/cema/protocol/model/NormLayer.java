package io.cema.protocol.model;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * One normalisation layer of a model, the unit of adaptation.
 *
 * @param name unique in the model: the ONNX node's name, or its first output where it has none
 * @param kind which statistics it uses
 * @param channels length of its scale and of its shift
 * @param epsilon added to the variance, &gt; 0
 * @param restored true if the model came with this layer folded away and it was put back from measured statistics
 * @param touches names of the artefact's constants that an update of this layer rewrites; said of compressed models
 *     only, where a batch normalisation stands folded: the integer weights (a channel's signs), their scales, the bias
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record NormLayer(
        String name,
        NormKind kind,
        int channels,
        double epsilon,
        boolean restored,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> touches) {
    public NormLayer {
        touches = touches == null ? List.of() : List.copyOf(touches); // manifests of before did not say
        if (name == null || name.isBlank()) {
            throw new IllegalArgumentException("a normalisation layer needs a name");
        }
        if (channels < 1) {
            throw new IllegalArgumentException("layer " + name + ": channels must be at least 1, is " + channels);
        }
    }

    /** A layer of a model that is not compressed. */
    public NormLayer(String name, NormKind kind, int channels, double epsilon, boolean restored) {
        this(name, kind, channels, epsilon, restored, List.of());
    }

    /** The same layer with what an update of it rewrites. */
    public NormLayer touching(List<String> constants) {
        return new NormLayer(name, kind, channels, epsilon, restored, constants);
    }
}
