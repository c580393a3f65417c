package io.cema.cloud.compression;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cema.cloud.http.ProblemException;

/** Settings as JSON: what a request gives stands above the defaults. */
final class CompressionOptions {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private CompressionOptions() {}

    /**
     * @param text a JSON object with any of the settings' fields; null or blank for the defaults
     * @return all settings, as JSON; fails with 400 naming the wrong field
     */
    static JsonNode merged(String text) {
        ObjectNode merged = JSON.valueToTree(CompressionSettings.defaults());
        if (text != null && !text.isBlank()) {
            try {
                JsonNode given = JSON.readTree(text);
                if (!given.isObject()) {
                    throw ProblemException.invalid("`options` must be a JSON object");
                }
                merge(merged, (ObjectNode) given);
            } catch (JsonProcessingException e) {
                throw ProblemException.invalid("`options` is no JSON: " + e.getOriginalMessage());
            }
        }
        settings(merged);
        return merged;
    }

    private static void merge(ObjectNode into, ObjectNode from) {
        from.fields().forEachRemaining(field -> {
            if (into.get(field.getKey()) instanceof ObjectNode inner && field.getValue() instanceof ObjectNode given) {
                merge(inner, given);
            } else {
                into.set(field.getKey(), field.getValue());
            }
        });
    }

    /** Fails with 400 naming the wrong field. */
    static CompressionSettings settings(JsonNode options) {
        try {
            return JSON.treeToValue(options, CompressionSettings.class);
        } catch (JsonProcessingException e) {
            throw ProblemException.invalid("`options`: " + e.getOriginalMessage());
        }
    }
}
