package io.cema.protocol.model;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What the platform knows of a model without running it; derived from the ONNX graph at registration, stored and sent
 * as JSON beside the artefact.
 *
 * @param digest SHA-256 of the ONNX artefact, 64 lower-case hex digits; the identity of the model
 * @param name a person's name for it, not an identity
 * @param size bytes of the artefact
 * @param opset version of the default ONNX operator set
 * @param inputName name of the single input, shape [batch, 3, height, width], float32
 * @param height input height in pixels
 * @param width input width in pixels
 * @param outputName name of the single output, shape [batch, classes], logits
 * @param classes number of classes C
 * @param labels class labels in order, length C, or empty if unnamed
 * @param preprocessing from RGB pixels to the input
 * @param layers normalisation layers in graph order; the order of every AffineParameters
 */
@JsonIgnoreProperties(ignoreUnknown = true) // a newer cloud may say more
public record ModelManifest(
        String digest,
        String name,
        long size,
        int opset,
        String inputName,
        int height,
        int width,
        String outputName,
        int classes,
        List<String> labels,
        Preprocessing preprocessing,
        List<NormLayer> layers) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public ModelManifest {
        if (digest == null || !digest.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("model digest \"" + digest + "\" is not 64 lower-case hex digits");
        }
        labels = List.copyOf(labels);
        layers = List.copyOf(layers);
    }

    /** First 16 hex digits of the digest: the model's place in a topic. */
    public String shortDigest() {
        return digest.substring(0, 16);
    }

    /** Sum of channels over all normalisation layers. */
    public int channels() {
        return layers.stream().mapToInt(NormLayer::channels).sum();
    }

    public Optional<NormLayer> layer(String name) {
        return layers.stream().filter(l -> l.name().equals(name)).findFirst();
    }

    /** The JSON artefact, in UTF-8. Deterministic, so its digest names it. */
    public byte[] toJson() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("manifest of model " + digest + " cannot be written", e);
        }
    }

    /** @throws IllegalArgumentException if the bytes are no manifest */
    public static ModelManifest fromJson(byte[] json) {
        try {
            ModelManifest manifest = JSON.readValue(json, ModelManifest.class);
            if (manifest == null) {
                throw new IllegalArgumentException("model manifest is JSON null");
            }
            return manifest;
        } catch (IOException e) {
            throw new IllegalArgumentException("no model manifest: " + e.getMessage(), e);
        }
    }
}
