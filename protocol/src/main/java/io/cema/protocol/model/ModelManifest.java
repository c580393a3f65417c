package io.cema.protocol.model;

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
    public ModelManifest {
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
}
