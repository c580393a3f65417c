package io.cema.protocol.onnx;

import io.cema.protocol.model.NormLayer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a normalisation layer stands in the graph and which constants it takes.
 *
 * @param layer what it is
 * @param nodes names of the nodes it is made of, in graph order: one for a native layer, several for a composed one
 * @param input value that goes in
 * @param output value that comes out
 * @param gamma scale
 * @param beta shift; empty if the layer has none, i.e. zeros. {@link OnnxGraphEditor#replaceNorm} can add it
 * @param mean running mean, for batch normalisation only
 * @param variance running variance, for batch normalisation only
 */
public record NormSite(
        NormLayer layer,
        List<String> nodes,
        String input,
        String output,
        Parameter gamma,
        Optional<Parameter> beta,
        Optional<Parameter> mean,
        Optional<Parameter> variance) {
    public NormSite {
        nodes = List.copyOf(nodes);
    }

    /**
     * A constant input of a node.
     *
     * @param node name of the node that reads it
     * @param input index of that input
     * @param constant the value, reached directly or through Identity nodes
     */
    public record Parameter(String node, int input, OnnxTensor constant) {}

    /** Names of its constants. */
    List<String> constants() {
        return Stream.of(Optional.of(gamma), beta, mean, variance)
                .flatMap(Optional::stream)
                .map(p -> p.constant().name())
                .toList();
    }

    /** The same place for a layer that is described otherwise. */
    NormSite described(NormLayer as) {
        return new NormSite(as, nodes, input, output, gamma, beta, mean, variance);
    }
}
