package io.cema.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.cema.protocol.model.Preprocessing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Models and images of a run.
 *
 * @param mean per channel, comma-separated, as the cloud takes it
 * @param std per channel, comma-separated, as the cloud takes it
 * @param policy of the cohort, as the cloud takes it; empty for the defaults
 */
record DemoInput(Path edgeModel, Path foundationModel, ImageSupply supply, String mean, String std, JsonNode policy) {
    private static final String SIGNS_MEAN = "0.5,0.5,0.5";
    private static final String SIGNS_STD = "0.25,0.25,0.25";

    /** The signs' nets were trained with smoothed labels, so they are never very sure: what is dull lies higher. */
    private static final JsonNode SIGNS_POLICY = JsonNodeFactory.instance
            .objectNode()
            .set("selection", JsonNodeFactory.instance.objectNode().put("entropyMinFraction", 0.1));

    /**
     * The demo's own traffic signs, with the models that were trained on them.
     *
     * @param other an edge model in the place of the compressed one
     */
    static DemoInput signs(Path root, long seed, Optional<Path> other) {
        Path models = root.resolve("ops/demo/models");
        Path edge = other.orElse(models.resolve("signs-edge-int8.onnx"));
        Path foundation = models.resolve("signs-foundation.onnx");
        for (Path model : List.of(edge, foundation)) {
            if (!Files.isReadable(model)) {
                throw new DemoException(
                        other.filter(model::equals).isPresent()
                                ? "--edge-model " + model.toAbsolutePath() + " does not exist or cannot be read"
                                : model + " is missing; restore it from the repository or train it again");
            }
        }
        return new DemoInput(edge, foundation, new SignSupply(seed), SIGNS_MEAN, SIGNS_STD, SIGNS_POLICY);
    }

    /** The user's files. */
    static DemoInput files(Path edge, Path foundation, Path images, String mean, String std) throws IOException {
        for (Path path : List.of(edge, foundation, images)) {
            if (!Files.isReadable(path)) {
                throw new DemoException(path.toAbsolutePath() + " does not exist or cannot be read");
            }
        }
        channels("--mean", mean);
        channels("--std", std);
        ImageSupply supply = ImageSetSupply.open(images);
        DemoInput input = new DemoInput(edge, foundation, supply, mean, std, JsonNodeFactory.instance.objectNode());
        input.preprocessing();
        return input;
    }

    DemoInput withPolicy(JsonNode other) {
        return new DemoInput(edgeModel, foundationModel, supply, mean, std, other);
    }

    Preprocessing preprocessing() {
        try {
            return new Preprocessing(channels("--mean", mean), channels("--std", std));
        } catch (IllegalArgumentException e) {
            throw new DemoException("--mean " + mean + " --std " + std + ": " + e.getMessage(), e);
        }
    }

    private static List<Double> channels(String option, String text) {
        List<Double> values = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            try {
                values.add(Double.parseDouble(part.strip()));
            } catch (NumberFormatException e) {
                throw new DemoException(
                        option + " " + text + ": \"" + part + "\" is no number; write three, e.g."
                                + " 0.485,0.456,0.406",
                        e);
            }
        }
        return values;
    }
}
