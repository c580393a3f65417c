package io.cema.demo;

import io.cema.bench.corruption.Corruption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The phases in order.
 *
 * @param phases at least one
 */
record Scenario(List<Phase> phases) {
    /** What the demo shows if not told otherwise. */
    static final String DEFAULT = "clear,fog:5,night:5,motion_blur:5,clear";

    /** The same, cut short. */
    static final String SHORT = "clear,fog:5,night:5";

    private static final Set<String> CLEAR = Set.of("clear", "clean", "none");

    Scenario {
        phases = List.copyOf(phases);
    }

    /**
     * Reads {@code name:severity,...}; a name without severity has the highest.
     *
     * @throws DemoException on an unknown name or a severity outside 1..5
     */
    static Scenario parse(String text) {
        List<Phase> phases = new ArrayList<>();
        for (String item : text.split(",", -1)) {
            phases.add(phase(item.strip(), text));
        }
        return new Scenario(phases);
    }

    private static Phase phase(String item, String all) {
        String[] parts = item.split(":", -1);
        String name = parts[0].strip();
        if (name.isEmpty() || parts.length > 2) {
            throw new DemoException("scenario \"" + all + "\": \"" + item + "\" is no phase; write name:severity");
        }
        if (CLEAR.contains(name.toLowerCase(Locale.ROOT))) {
            return Phase.clear(name);
        }
        Corruption corruption;
        try {
            corruption = Corruption.of(name);
        } catch (IllegalArgumentException e) {
            throw new DemoException("scenario \"" + all + "\": " + e.getMessage() + "; or clear", e);
        }
        return new Phase(name, Optional.of(corruption), parts.length == 1 ? 5 : severity(parts[1].strip(), item));
    }

    private static int severity(String text, String item) {
        if (!text.matches("[1-5]")) {
            throw new DemoException("scenario phase \"" + item + "\": severity must be 1 to 5, is \"" + text + "\"");
        }
        return Integer.parseInt(text);
    }
}
