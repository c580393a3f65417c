package io.cema.ops.stack;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One page of Prometheus' text format, as a catalogue of what is exported: tests hold the catalogues under {@code
 * ops/observability/metrics} to what a service or an agent really says.
 */
public final class Scrape {
    private static final Pattern ABOUT = Pattern.compile("# (HELP|TYPE) (\\S+) (.*)");
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"(?:[^\"\\\\]|\\\\.)*\"");

    private final Map<String, Family> families = new TreeMap<>();

    /** @param labels in their order, without those of buckets and quantiles */
    private record Family(StringBuilder help, StringBuilder type, TreeSet<String> labels) {}

    /** @param page as {@code /q/metrics} answers a client that accepts {@code text/plain} */
    public Scrape(String page) {
        String current = "";
        for (String line : page.lines().toList()) {
            Matcher about = ABOUT.matcher(line);
            Matcher sample = SAMPLE.matcher(line);
            if (about.matches()) {
                current = about.group(2);
                Family family = family(current);
                (about.group(1).equals("HELP") ? family.help() : family.type())
                        .append(about.group(3).strip());
            } else if (sample.matches() && sample.group(2) != null) {
                LABEL.matcher(sample.group(2))
                        .results()
                        .map(label -> label.group(1))
                        .filter(label -> !label.equals("le") && !label.equals("quantile"))
                        .forEach(family(current).labels()::add);
            }
        }
    }

    private Family family(String name) {
        return families.computeIfAbsent(
                name, n -> new Family(new StringBuilder(), new StringBuilder(), new TreeSet<>()));
    }

    /** Whether this family is on the page. */
    public boolean has(String family) {
        return families.containsKey(family);
    }

    /**
     * A Markdown table of the families that begin with {@code prefix}; a timer's own maximum, which Prometheus forgets, is
     * left out.
     */
    public String table(String prefix) {
        StringBuilder table = new StringBuilder("| metric | type | labels | what |\n|---|---|---|---|\n");
        families.forEach((name, family) -> {
            boolean maximum = name.endsWith("_max") && families.containsKey(name.substring(0, name.length() - 4));
            if (name.startsWith(prefix) && !maximum) {
                table.append("| `%s` | %s | %s | %s |\n"
                        .formatted(
                                name,
                                family.type(),
                                family.labels().isEmpty() ? "" : "`" + String.join("`, `", family.labels()) + "`",
                                family.help()));
            }
        });
        return table.toString();
    }
}
