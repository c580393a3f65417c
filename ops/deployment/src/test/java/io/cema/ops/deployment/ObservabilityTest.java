package io.cema.ops.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** Dashboards and alert rules against what service and agents export. */
class ObservabilityTest {
    private static final String FOLDER = "ops/observability/";
    /** Prometheus' own. */
    private static final Set<String> OWN = Set.of("up", "ALERTS");

    private final MetricCatalogue catalogue = new MetricCatalogue();

    @ParameterizedTest
    @MethodSource("dashboards")
    void dashboard_asksForWhatIsExported(Path file) throws IOException {
        Map<String, Object> dashboard = json(file);

        List<String> expressions = new ArrayList<>();
        for (Map<String, Object> panel : list(dashboard.get("panels"))) {
            list(panel.get("targets")).forEach(target -> expressions.add((String) target.get("expr")));
        }
        assertThat(expressions).isNotEmpty();
        expressions.forEach(this::requireExported);
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void dashboard_canBeImported(Path file) throws IOException {
        Map<String, Object> dashboard = json(file);

        assertThat(file.getFileName()).hasToString(dashboard.get("uid") + ".json");
        List<Map<String, Object>> panels = list(dashboard.get("panels"));
        assertThat(panels).extracting(panel -> panel.get("id")).doesNotHaveDuplicates();
        assertThat(panels).allSatisfy(panel -> assertThat(panel.get("datasource"))
                .isEqualTo(Map.of("type", "prometheus", "uid", "${source}")));
    }

    @Test
    void alerts_askForWhatIsExported() {
        rules().values().forEach(rule -> requireExported((String) rule.get("expr")));
    }

    @Test
    void everyAlert_saysWhatToDo() {
        assertThat(rules()).isNotEmpty();
        rules().forEach((name, rule) -> {
            assertThat(map(rule.get("annotations"))).as(name).containsKeys("summary", "runbook");
            assertThat(map(rule.get("labels")).get("severity")).as(name).isIn("critical", "warning", "info");
        });
    }

    /** Each alert stands in the document for those who are woken by it. */
    @Test
    void document_namesEveryAlert() {
        String document = Repository.text("ops/docs/observability.md");
        assertThat(rules().keySet()).allMatch(alert -> document.contains("`" + alert + "`"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"check rules alerts.yml", "test rules alerts.test.yml"})
    void rules_passPromtool(String command) throws Exception {
        assumeThat(List.of(System.getenv("PATH").split(":")))
                .as("promtool is installed (Debian: apt-get install prometheus)")
                .anyMatch(path -> Files.isExecutable(Path.of(path, "promtool")));
        List<String> words = new ArrayList<>(List.of("promtool"));
        words.addAll(List.of(command.split(" ")));
        Process promtool = new ProcessBuilder(words)
                .directory(Repository.ROOT.resolve(FOLDER).toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(promtool.waitFor()).as(said).isZero();
    }

    /** The chart packs what lies here: its own are links. */
    @Test
    void chart_hasTheseFiles() throws IOException {
        Path chart = Repository.ROOT.resolve("ops/helm/cema");
        assertThat(chart.resolve("dashboards").toRealPath())
                .isEqualTo(Repository.ROOT.resolve(FOLDER + "dashboards").toRealPath());
        assertThat(chart.resolve("alerts.yml").toRealPath())
                .isEqualTo(Repository.ROOT.resolve(FOLDER + "alerts.yml").toRealPath());
    }

    @Test
    void compose_mountsFilesThatExist() {
        String compose = Repository.text("ops/compose/compose.yaml");
        List<String> mounted = compose.lines()
                .map(String::strip)
                .filter(line -> line.startsWith("- ../observability/"))
                .map(line -> line.substring(2).split(":")[0])
                .toList();
        assertThat(mounted).isNotEmpty().allSatisfy(file -> assertThat(Repository.ROOT.resolve("ops/compose/" + file))
                .exists());
    }

    @Test
    void expressions_areReadAsMeant() {
        String expression =
                "sum by (le, cohort) (rate(a_bucket{x=\"y_z\", job=~\"b\"}[5m])) / on (k) max(c) > 1e3 or vector(0)";

        assertThat(PromQl.metrics(expression)).isEqualTo(Map.of("a_bucket", Set.of("x", "job"), "c", Set.of()));
        assertThat(PromQl.groupedBy(expression)).containsExactlyInAnyOrder("le", "cohort", "k");
    }

    private void requireExported(String expression) {
        Set<String> labels = new HashSet<>();
        PromQl.metrics(expression).forEach((name, asked) -> {
            if (!OWN.contains(name)) {
                assertThat(catalogue.names()).as(expression).contains(name);
                assertThat(catalogue.labelsOf(name)).as(expression).containsAll(asked);
                labels.addAll(catalogue.labelsOf(name));
            }
        });
        if (!labels.isEmpty()) {
            assertThat(labels).as(expression).containsAll(PromQl.groupedBy(expression));
        }
    }

    static List<Path> dashboards() throws IOException {
        try (Stream<Path> files = Files.list(Repository.ROOT.resolve(FOLDER + "dashboards"))) {
            return files.sorted().toList();
        }
    }

    private static Map<String, Map<String, Object>> rules() {
        Map<String, Map<String, Object>> rules = new TreeMap<>();
        Map<String, Object> file = new Yaml().load(Repository.text(FOLDER + "alerts.yml"));
        for (Map<String, Object> group : list(file.get("groups"))) {
            list(group.get("rules")).forEach(rule -> rules.put((String) rule.get("alert"), rule));
        }
        return rules;
    }

    /** JSON is YAML. */
    private static Map<String, Object> json(Path file) throws IOException {
        return new Yaml().load(Files.readString(file));
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Object value) {
        return (List<Map<String, Object>>) value;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }
}
