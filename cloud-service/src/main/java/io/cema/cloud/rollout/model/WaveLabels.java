package io.cema.cloud.rollout.model;

import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Labels a device must have.
 *
 * @param selector {@code key=value}, several with commas between them: then each must hold
 */
@Schema(description = "Labels a device must have")
record WaveLabels(
        @Schema(
                        description = "`key=value`; several with commas between them: each must hold",
                        examples = "site=north,camera=front")
                String selector) {
    WaveLabels {
        if (selector == null || selector.isBlank()) {
            throw new IllegalArgumentException("selector is missing, it must be like site=north");
        }
        parse(selector);
    }

    Map<String, String> labels() {
        return parse(selector);
    }

    private static Map<String, String> parse(String selector) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String term : selector.split(",", -1)) {
            String[] sides = term.strip().split("=", -1);
            if (sides.length != 2 || sides[0].isBlank() || sides[1].isBlank()) {
                throw new IllegalArgumentException("selector has the term '" + term + "', it must be like site=north");
            }
            labels.put(sides[0].strip(), sides[1].strip());
        }
        return labels;
    }
}
