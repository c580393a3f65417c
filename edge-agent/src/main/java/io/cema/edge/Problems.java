package io.cema.edge;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What is wrong at present, by what it is about; told in one line whenever that changes. Thread-safe. */
final class Problems {
    private final Map<String, String> byTopic = new TreeMap<>();
    private final Consumer<String> listener;

    /** @param listener called with the new text, by whoever changed it */
    Problems(Consumer<String> listener) {
        this.listener = listener;
    }

    /** @param problem empty if there is none any more */
    synchronized void set(String topic, String problem) {
        String before = text();
        if (problem.isEmpty()) {
            byTopic.remove(topic);
        } else {
            byTopic.put(topic, problem);
        }
        String now = text();
        if (!now.equals(before)) {
            listener.accept(now);
        }
    }

    /** All of them; empty if there is none. */
    synchronized String text() {
        return String.join("; ", byTopic.values());
    }
}
