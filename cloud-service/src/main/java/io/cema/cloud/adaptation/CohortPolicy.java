package io.cema.cloud.adaptation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cema.cloud.adaptation.torch.AdaptationSettings;
import java.util.Optional;

/**
 * What an operator sets for the adaptation of a cohort. In JSON each section and each field may be left out: it then has
 * its default; without the section {@code canary} updates go to all devices at once. Other sections of the same document (such as {@code selection}) belong to other features.
 */
public record CohortPolicy(
        Cadence cadence,
        GateSettings gate,
        AdaptationSettings learning,
        GuardSettings guard,
        Optional<CanarySettings> canary) {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    public static CohortPolicy defaults() {
        return new CohortPolicy(
                Cadence.defaults(),
                GateSettings.defaults(),
                AdaptationSettings.defaults(),
                GuardSettings.defaults(),
                Optional.empty());
    }

    /**
     * @param policy the cohort's policy document, a JSON object
     * @throws IllegalArgumentException not JSON, an unknown field in one of our sections, or a value out of range; the
     *     message names it
     */
    public static CohortPolicy parse(String policy) {
        JsonNode document = read(policy);
        if (!document.isObject()) {
            throw new IllegalArgumentException("cohort policy must be a JSON object, is " + policy);
        }
        CohortPolicy defaults = defaults();
        return new CohortPolicy(
                section(document, "cadence", defaults.cadence(), Cadence.class),
                section(document, "gate", defaults.gate(), GateSettings.class),
                section(document, "learning", defaults.learning(), AdaptationSettings.class),
                section(document, "guard", defaults.guard(), GuardSettings.class),
                Optional.ofNullable(document.get("canary"))
                        .map(wanted -> section(document, "canary", CanarySettings.defaults(), CanarySettings.class)));
    }

    private static JsonNode read(String policy) {
        try {
            return JSON.readTree(policy);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cohort policy is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static <T> T section(JsonNode document, String name, T defaults, Class<T> type) {
        JsonNode wanted = document.get(name);
        if (wanted == null) {
            return defaults;
        }
        if (!wanted.isObject()) {
            throw new IllegalArgumentException("cohort policy: section " + name + " must be an object, is " + wanted);
        }
        ObjectNode merged = JSON.valueToTree(defaults);
        merge(merged, (ObjectNode) wanted);
        try {
            return JSON.treeToValue(merged, type);
        } catch (JsonProcessingException e) {
            Throwable cause = e.getCause() instanceof IllegalArgumentException ? e.getCause() : e;
            String message = cause == e ? e.getOriginalMessage() : cause.getMessage();
            throw new IllegalArgumentException("cohort policy, section " + name + ": " + message, e);
        }
    }

    /** Fields of nested objects, too, may be left out. */
    private static void merge(ObjectNode into, ObjectNode wanted) {
        wanted.fields().forEachRemaining(field -> {
            if (field.getValue() instanceof ObjectNode inner && into.get(field.getKey()) instanceof ObjectNode old) {
                merge(old, inner);
            } else {
                into.set(field.getKey(), field.getValue());
            }
        });
    }
}
