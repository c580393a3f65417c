package io.cema.ops.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The chart's text against what the service has. Helm itself is in no Debian package; see ops/docs/deployment.md. */
class HelmTest {
    private static final String CHART = "ops/helm/cema/";

    @Test
    void everyVariable_isASettingOfTheService() throws IOException {
        assertThat(Keys.namedIn(templates())).isNotEmpty();
        assertThat(Keys.ofCloud()).containsAll(Keys.namedIn(templates()));
    }

    @Test
    void everyValueThatIsUsed_hasADefault() throws IOException {
        Map<String, Object> values = new Yaml().load(Repository.text(CHART + "values.yaml"));
        Pattern.compile("\\.Values\\.([A-Za-z0-9.]+)")
                .matcher(templates())
                .results()
                .map(found -> found.group(1))
                .distinct()
                .forEach(path -> {
                    Object value = values;
                    for (String step : path.split("\\.")) {
                        assertThat(value).as(path).isInstanceOf(Map.class);
                        assertThat(((Map<?, ?>) value).containsKey(step))
                                .as(path)
                                .isTrue();
                        value = ((Map<?, ?>) value).get(step);
                    }
                });
    }

    @Test
    void probes_askPathsThatQuarkusServes() throws IOException {
        assertThat(Pattern.compile("path: (/q/\\S+),")
                        .matcher(templates())
                        .results()
                        .map(found -> found.group(1)))
                .isNotEmpty()
                .containsOnly("/q/health/live", "/q/health/ready");
        assertThat(Repository.text("cloud-service/pom.xml"))
                .contains("<artifactId>quarkus-smallrye-health</artifactId>");
    }

    @Test
    void port_isTheServices() throws IOException {
        String port = ConfigurationReference.cloud().stream()
                .filter(setting -> setting.key().equals("quarkus.http.port"))
                .flatMap(setting -> setting.value().stream())
                .findFirst()
                .orElseThrow();
        assertThat(templates()).contains("containerPort: " + port);
        assertThat(Repository.text("ops/compose/images/cloud.Dockerfile")).contains("EXPOSE " + port);
    }

    @Test
    void version_isThePoms() {
        Map<String, Object> chart = new Yaml().load(Repository.text(CHART + "Chart.yaml"));
        assertThat(chart.get("appVersion"))
                .isEqualTo(Repository.text("pom.xml").split("<version>")[1].split("<")[0]);
    }

    @Test
    void namedTemplates_areDefined() throws IOException {
        String all = templates();
        assertThat(Pattern.compile("include \"([^\"]+)\"")
                        .matcher(all)
                        .results()
                        .map(found -> found.group(1)))
                .allMatch(name -> all.contains("define \"" + name + "\""));
    }

    @Test
    void blocks_areClosed() throws IOException {
        assertThat(count("\\{\\{-? ?(if|range|with|define|block) ")).isEqualTo(count("\\{\\{-? ?end ?-?}}"));
    }

    @Test
    void passwords_comeBySecretAlone() throws IOException {
        assertThat(templates())
                .containsPattern("CEMA_DATABASE_PASSWORD\\s+valueFrom:\\s+secretKeyRef:")
                .doesNotContainPattern("PASSWORD\\s+value:");
    }

    private static long count(String regex) throws IOException {
        return Pattern.compile(regex)
                .matcher(templates())
                .results()
                .map(MatchResult::group)
                .count();
    }

    private static String templates() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(Repository.ROOT.resolve(CHART + "templates"))) {
            for (Path file : files.sorted().toList()) {
                text.append(Files.readString(file)).append("\n");
            }
        }
        return text.toString();
    }
}
