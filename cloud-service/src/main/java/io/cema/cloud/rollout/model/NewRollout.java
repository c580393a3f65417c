package io.cema.cloud.rollout.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cema.cloud.http.Ids;
import io.cema.cloud.http.ProblemException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A rollout as it is asked for. */
@Schema(description = "A rollout as it is asked for")
record NewRollout(
        @Schema(examples = "fog-east", pattern = Ids.PATTERN) String cohort,
        @Schema(examples = "signs-v2", pattern = Ids.PATTERN, description = "The pair it leads to") String pair,
        @Schema(description = "In their order; the last one takes 100 percent") List<Wave> waves) {
    static final String EXAMPLE =
            """
            {
              "cohort": "fog-east",
              "pair": "signs-v2",
              "waves": [
                {
                  "name": "canary",
                  "percent": 10,
                  "success": {"applied": {"share": 0.9, "minimumDevices": 3}, "health": {"minimumSamples": 100}},
                  "errors": {"failed": {"share": 0.2, "minimumDevices": 2}},
                  "timeLimitSeconds": 86400
                },
                {"name": "all", "percent": 100}
              ]
            }""";
    private static final int MOST_WAVES = 20;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    NewRollout {
        waves = waves == null ? List.of() : List.copyOf(waves);
    }

    /** Strict: a field nobody knows is a mistake, and a mistake in a safety limit must not pass. Fails with 400 or 422. */
    static NewRollout of(JsonNode document) {
        NewRollout wanted;
        try {
            wanted = JSON.treeToValue(document, NewRollout.class);
        } catch (JsonProcessingException e) {
            throw ProblemException.invalid(text(e));
        }
        if (wanted == null) {
            throw ProblemException.invalid("the body must be a JSON object");
        }
        wanted.requireValues();
        wanted.requireOrder();
        return wanted;
    }

    /** The waves as the database keeps them; throws {@link IllegalArgumentException}. */
    static List<Wave> waves(String stored) {
        try {
            return List.of(JSON.readValue(stored, Wave[].class));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("stored waves: " + text(e), e);
        }
    }

    String wavesJson() {
        try {
            return JSON.writeValueAsString(waves);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("waves cannot be written as JSON", e);
        }
    }

    /** Percentages count from the start, so they rise; the last wave takes all, since then the cohort's pair changes. */
    private void requireOrder() {
        double before = 0;
        Set<String> names = new HashSet<>();
        for (Wave wave : waves) {
            if (!names.add(wave.name())) {
                throw wrong("two waves are called " + wave.name());
            }
            if (wave.percent() != null && wave.percent() <= before) {
                throw wrong("wave " + wave.name() + " has " + wave.percent() + " percent, a wave before it " + before
                        + "; they count all devices so far, so they must rise");
            }
            before = wave.percent() == null ? before : wave.percent();
        }
        Wave last = waves.get(waves.size() - 1);
        if (last.percent() == null || last.percent() < WaveSelection.Percent.ALL) {
            throw wrong("the last wave, " + last.name()
                    + ", must have 100 percent: with its success the cohort's own pair changes");
        }
    }

    /** After the whole document is read, so that a field nobody knows is named first: it may be the missing one, misspelt. */
    private void requireValues() {
        requireId("cohort", cohort);
        requireId("pair", pair);
        if (waves.isEmpty() || waves.size() > MOST_WAVES) {
            throw ProblemException.invalid("waves must be 1 to " + MOST_WAVES);
        }
    }

    private static void requireId(String name, String id) {
        if (id == null || !id.matches(Ids.PATTERN)) {
            throw ProblemException.invalid(name + " " + Ids.MESSAGE);
        }
    }

    private static ProblemException wrong(String detail) {
        return ProblemException.unprocessable("invalid-waves", "The waves are not valid", detail);
    }

    private static String text(JsonProcessingException e) {
        String where = e instanceof com.fasterxml.jackson.databind.JsonMappingException mapping
                ? mapping.getPath().stream()
                        .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
                        .collect(java.util.stream.Collectors.joining("."))
                : "";
        String what =
                e.getCause() instanceof IllegalArgumentException cause ? cause.getMessage() : e.getOriginalMessage();
        return where.isEmpty() ? what : where + ": " + what;
    }
}
