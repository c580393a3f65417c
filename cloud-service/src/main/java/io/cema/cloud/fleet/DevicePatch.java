package io.cema.cloud.fleet;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.cema.cloud.fleet.label.Labels;
import io.cema.cloud.http.ProblemException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A JSON merge patch (RFC 7396) of what operators say of a device. Filled by the JSON reader alone, field by field, since a
 * record could not tell a field that is absent, null here, from one that is null, empty here: that one is taken away.
 */
@Schema(description = "JSON merge patch: what is absent stays, what is null is taken away")
public final class DevicePatch {
    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_DESCRIPTION = 1000;

    @JsonProperty
    @Schema(
            description = "By key [a-z0-9._/-]{1,63}; values up to 63 characters, null takes a label away; at most 32",
            example = "{\"site\": \"north\", \"old\": null}")
    Optional<Map<String, String>> labels;

    @JsonProperty
    @Schema(description = "Up to 100 characters", example = "North gate")
    Optional<String> displayName;

    @JsonProperty
    @Schema(description = "Up to 1000 characters")
    Optional<String> description;

    /** What operators say of a device. */
    record Attributes(Map<String, String> labels, String displayName, String description) {
        Attributes {
            labels = Map.copyOf(labels);
        }

        /** @throws ProblemException 400 naming the label that is wrong */
        Attributes withLabels(Map<String, String> wanted) {
            Labels.requireValid(wanted);
            return new Attributes(wanted, displayName, description);
        }
    }

    /** @throws ProblemException 400 naming what would be wrong */
    Attributes apply(Attributes present) {
        Map<String, String> merged = new HashMap<>(present.labels());
        if (labels != null) {
            labels.ifPresentOrElse(
                    changes -> changes.forEach((key, value) -> {
                        if (value == null) {
                            merged.remove(key);
                        } else {
                            merged.put(key, value);
                        }
                    }),
                    merged::clear);
        }
        Labels.requireValid(merged);
        return new Attributes(
                merged,
                text("displayName", displayName, present.displayName(), LONGEST_NAME),
                text("description", description, present.description(), LONGEST_DESCRIPTION));
    }

    private static String text(String field, Optional<String> given, String present, int longest) {
        if (given == null) {
            return present;
        }
        String text = given.orElse("");
        if (text.length() > longest || text.indexOf('\0') >= 0) {
            throw ProblemException.invalid(field + " must be a text of at most " + longest + " characters");
        }
        return text;
    }
}
