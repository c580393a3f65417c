package io.cema.cloud.fleet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cema.cloud.http.ProblemException;
import java.util.Iterator;
import java.util.Set;

/**
 * What of a cohort's policy document concerns its devices. The sections {@code cadence}, {@code gate}, {@code
 * learning}, {@code guard} and {@code canary} belong to the adaptation, which reads them itself.
 *
 * @param adaptation false: the devices serve only, they neither upload nor apply
 */
record DevicePolicy(SelectionRules selection, boolean adaptation) {
    private static final Set<String> SECTIONS =
            Set.of("selection", "adaptation", "cadence", "gate", "learning", "guard", "canary");
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /** Fails with 422 naming the section and the field. */
    static DevicePolicy of(JsonNode document) {
        if (!document.isObject()) {
            throw wrong("policy must be a JSON object");
        }
        for (Iterator<String> names = document.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!SECTIONS.contains(name)) {
                throw wrong("policy has no section " + name + "; there are "
                        + SECTIONS.stream().sorted().toList());
            }
        }
        JsonNode adaptation = document.path("adaptation");
        if (!adaptation.isMissingNode() && !adaptation.isBoolean()) {
            throw wrong("policy.adaptation must be true or false, is " + adaptation);
        }
        SelectionRules selection = selection(document.path("selection"));
        if (selection.upload() == SelectionRules.Upload.STATISTICS) {
            requireJudges(document.path("canary"));
        }
        return new DevicePolicy(selection, adaptation.asBoolean(true));
    }

    /** Nobody in the cloud can look at images that do not come: canaries judge, by what is known without images. */
    private static void requireJudges(JsonNode canary) {
        if (!canary.isObject()) {
            throw wrong(
                    "policy.selection.upload STATISTICS needs a section canary: without images an update is judged by"
                            + " canaries alone");
        }
        JsonNode conditions = canary.path("health").path("conditions");
        boolean withoutImages = conditions.isArray();
        for (JsonNode condition : conditions) {
            withoutImages &= !condition.asText().equals("AGREEMENT");
        }
        if (!withoutImages) {
            throw wrong(
                    "policy.selection.upload STATISTICS needs policy.canary.health.conditions without AGREEMENT, which"
                            + " the foundation model judges on images; [\"CERTAINTY\", \"ENTROPY_DISTRIBUTION\", \"LATENCY\"] for"
                            + " example");
        }
    }

    private static SelectionRules selection(JsonNode section) {
        if (section.isMissingNode()) {
            return SelectionRules.AGENT_DEFAULTS;
        }
        if (!section.isObject()) {
            throw wrong("policy.selection must be a JSON object, is " + section);
        }
        ObjectNode complete = JSON.valueToTree(SelectionRules.AGENT_DEFAULTS);
        complete.setAll((ObjectNode) section);
        try {
            return JSON.treeToValue(complete, SelectionRules.class);
        } catch (JsonProcessingException e) {
            String message = e.getCause() instanceof IllegalArgumentException
                    ? e.getCause().getMessage()
                    : e.getOriginalMessage();
            throw wrong("policy.selection: " + message);
        }
    }

    private static ProblemException wrong(String detail) {
        return ProblemException.unprocessable("invalid-policy", "The policy is not valid", detail);
    }
}
