package io.cema.ops.deployment;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What service and agents export, by the name PromQL knows it by, with its labels. The files are held to what really is
 * exported by tests of cloud-service and edge-agent.
 */
final class MetricCatalogue {
    private static final String FOLDER = "ops/observability/metrics/";
    private static final Pattern LINE = Pattern.compile("\\| `(\\w+)` \\| (\\w+) \\| (.*?) \\| .*\\|");

    private final Map<String, Set<String>> labels = new HashMap<>();

    MetricCatalogue() {
        for (String file : List.of("cloud.md", "edge.md", "framework.md")) {
            Repository.text(FOLDER + file).lines().skip(2).forEach(this::read);
        }
    }

    private void read(String line) {
        Matcher row = LINE.matcher(line);
        if (!row.matches()) {
            throw new IllegalStateException("not a line of a catalogue: " + line);
        }
        Set<String> own = Pattern.compile("`(\\w+)`")
                .matcher(row.group(3))
                .results()
                .map(label -> label.group(1))
                .collect(Collectors.toSet());
        suffixes(row.group(2)).forEach(suffix -> labels.put(row.group(1) + suffix, own));
    }

    private static List<String> suffixes(String type) {
        return switch (type) {
            case "histogram" -> List.of("_bucket", "_count", "_sum");
            case "summary" -> List.of("_count", "_sum");
            default -> List.of("");
        };
    }

    Set<String> names() {
        return labels.keySet();
    }

    /** Those of the metric, and those that Prometheus adds. */
    Set<String> labelsOf(String name) {
        Set<String> all = new HashSet<>(labels.getOrDefault(name, Set.of()));
        all.addAll(Set.of("job", "instance"));
        if (name.endsWith("_bucket")) {
            all.add("le");
        }
        return all;
    }
}
