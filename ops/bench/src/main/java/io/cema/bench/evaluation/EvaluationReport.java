package io.cema.bench.evaluation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** All rows of a run, as JSON, as Markdown tables and as a plot per protocol. */
final class EvaluationReport {
    private static final String CLEAN = "clean";

    private final Map<String, Object> settings;
    private final List<Row> rows = new ArrayList<>();

    /** @param settings of the run, for the reader */
    EvaluationReport(Map<String, Object> settings) {
        this.settings = settings;
    }

    void add(Row row) {
        rows.add(row);
    }

    /** Writes report.json, report.md and PROTOCOL.svg; what is there so far, so that a broken run leaves its rows. */
    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("settings", settings);
        document.put("rows", rows);
        Files.write(
                folder.resolve("report.json"),
                new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(document));
        Files.writeString(folder.resolve("report.md"), markdown());
        for (String protocol : distinct(rows, Row::protocol)) {
            Files.writeString(folder.resolve(protocol + ".svg"), new AccuracyBars(of(protocol)).svg());
        }
    }

    String markdown() {
        StringBuilder text = new StringBuilder();
        for (String protocol : distinct(rows, Row::protocol)) {
            text.append("### ")
                    .append(protocol)
                    .append("\n\n")
                    .append(accuracies(protocol))
                    .append('\n');
            text.append(costs(protocol)).append('\n');
        }
        return text.toString();
    }

    private String accuracies(String protocol) {
        List<Row> mine = of(protocol);
        List<String> methods = distinct(mine, Row::method);
        StringBuilder table = new StringBuilder("| corruption | ");
        table.append(String.join(" | ", methods))
                .append(" |\n|---|")
                .append("---|".repeat(methods.size()))
                .append('\n');
        for (String domain : distinct(mine, EvaluationReport::domain)) {
            table.append("| ").append(domain);
            for (String method : methods) {
                table.append(" | ")
                        .append(mean(
                                mine,
                                r -> domain(r).equals(domain) && r.method().equals(method)));
            }
            table.append(" |\n");
        }
        table.append("| **mean without clean**");
        for (String method : methods) {
            table.append(" | **")
                    .append(mean(
                            mine,
                            r -> !r.corruption().equals(CLEAN) && r.method().equals(method)))
                    .append("**");
        }
        return table.append(" |\n").toString();
    }

    private String costs(String protocol) {
        List<Row> mine = of(protocol);
        StringBuilder table = new StringBuilder("| method | images uploaded | bytes up per image seen | bytes down per"
                + " image seen | published | refused | edge ms per image | cloud ms per upload | of it forward | backward"
                + " | rest |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
        for (String method : distinct(mine, Row::method)) {
            List<Row> of = mine.stream().filter(r -> r.method().equals(method)).toList();
            double images = sum(of, Row::images);
            double uploads = sum(of, Row::uploadedImages);
            double cloud = sum(of, r -> r.cloudMsPerImage() * r.images());
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.1f %% | %.1f | %.1f | %.0f | %.0f | %.2f | %s |%n",
                    method,
                    100 * uploads / images,
                    sum(of, Row::uploadedBytes) / images,
                    sum(of, Row::updateBytes) / images,
                    sum(of, Row::updatesPublished),
                    sum(of, Row::updatesRefused),
                    sum(of, r -> r.edgeMsPerImage() * r.images()) / images,
                    uploads == 0
                            ? " | | "
                            : cloudCost(
                                    cloud,
                                    uploads,
                                    sum(of, r -> r.cloudForwardMsPerImage() * r.images()),
                                    sum(of, r -> r.cloudBackwardMsPerImage() * r.images()))));
        }
        return table.toString();
    }

    private static String cloudCost(double cloud, double uploads, double forward, double backward) {
        return String.format(
                Locale.ROOT,
                "%.1f | %.0f %% | %.0f %% | %.0f %%",
                cloud / uploads,
                100 * forward / cloud,
                100 * backward / cloud,
                100 * (cloud - forward - backward) / cloud);
    }

    private List<Row> of(String protocol) {
        return rows.stream().filter(r -> r.protocol().equals(protocol)).toList();
    }

    /** Corruption with severity, and the visit from the second on. */
    static String domain(Row row) {
        String severity = row.severity() == 0 ? "" : " " + row.severity();
        return row.corruption() + severity + (row.visit() > 1 ? " (visit " + row.visit() + ")" : "");
    }

    private static String mean(List<Row> rows, java.util.function.Predicate<Row> which) {
        var mean = rows.stream().filter(which).mapToDouble(Row::accuracy).average();
        return mean.isPresent() ? String.format(Locale.ROOT, "%.1f", 100 * mean.getAsDouble()) : "";
    }

    private static double sum(List<Row> rows, ToDoubleFunction<Row> value) {
        return rows.stream().mapToDouble(value).sum();
    }

    static List<String> distinct(List<Row> rows, java.util.function.Function<Row, String> value) {
        Set<String> values = rows.stream().map(value).collect(Collectors.toCollection(LinkedHashSet::new));
        return List.copyOf(values);
    }
}
