package io.cema.protocol.model;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * One normalisation layer of a model, the unit of adaptation.
 *
 * @param name unique in the model: the ONNX node's name, or its first output where it has none
 * @param kind which statistics it uses
 * @param channels length of its scale and of its shift
 * @param epsilon added to the variance, &gt; 0
 * @param restored true if the model came with this layer folded away and it was put back from measured statistics
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record NormLayer(String name, NormKind kind, int channels, double epsilon, boolean restored) {
    public NormLayer {
        if (name == null || name.isBlank()) {
            throw new IllegalArgumentException("a normalisation layer needs a name");
        }
        if (channels < 1) {
            throw new IllegalArgumentException("layer " + name + ": channels must be at least 1, is " + channels);
        }
    }
}
