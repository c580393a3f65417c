package io.cema.ops.deployment;

import java.util.Locale;
import java.util.Optional;

/**
 * One thing that can be set.
 *
 * @param key such as cema.mqtt.port
 * @param value without it; absent: none, or it must be given
 * @param required whether the process does not start without it
 * @param values what it may be, or its type
 */
record Setting(String key, Optional<String> value, boolean required, String values, String doc) {
    /** As an environment variable. */
    String variable() {
        return key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    String row() {
        String standing =
                required ? "**required**" : value.map(v -> "`" + v + "`").orElse("none");
        return "| `" + key + "` | " + values + " | " + standing + " | " + doc.replace("|", "\\|") + " |\n";
    }
}
