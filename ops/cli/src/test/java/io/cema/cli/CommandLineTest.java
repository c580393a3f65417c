package io.cema.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line in this process against the packaged service: what it shows, and how it ends. */
@Tag("process")
class CommandLineTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path folder;

    private static CloudProcess cloud;

    private final String name = "n" + UUID.randomUUID().toString().substring(0, 8);

    /** What a command said, and its exit code. */
    private record Ended(int code, String out, String err) {
        JsonNode json() throws IOException {
            assertThat(code).as(err).isZero();
            return JSON.readTree(out);
        }

        Ended well() {
            assertThat(code).as(err).isZero();
            return this;
        }
    }

    @BeforeAll
    static void startCloud() throws IOException {
        cloud = new CloudProcess(folder);
    }

    @AfterAll
    static void stopCloud() throws Exception {
        if (cloud != null) {
            cloud.close();
        }
    }

    @Test
    void modelsPairAndCohort_areMadeAndShown() throws IOException {
        JsonNode pair = asAdmin(
                        "pairs",
                        "create",
                        name,
                        "--edge",
                        model("signs-edge.onnx"),
                        "--foundation",
                        model("signs-foundation.onnx"),
                        "--mean",
                        "0.5,0.5,0.5",
                        "--std",
                        "0.25,0.25,0.25",
                        "-o",
                        "json")
                .json();
        String edge = pair.path("edge").asText();
        String foundation = pair.path("foundation").asText();
        assertThat(registered("signs-edge.onnx"))
                .as("the same file is the same model")
                .isEqualTo(edge);

        asAdmin("cohorts", "create", name, "--pair", name, "--devices", name + "-1," + name + "-2")
                .well();

        String table = asAdmin("cohorts", "list", "--all").well().out();
        assertThat(table.lines().findFirst().orElse("")).matches("ID +PAIR +DEVICES");
        assertThat(table).containsPattern(name + " +" + name + " +" + name + "-1," + name + "-2");
        assertThat(asAdmin("devices", "list", "--cohort", name, "--output", "json")
                        .json())
                .extracting(device -> device.path("id").asText())
                .containsExactly(name + "-1", name + "-2");
        assertThat(asAdmin("pairs", "create", name, "--edge", edge, "--foundation", foundation))
                .satisfies(again -> {
                    assertThat(again.code()).isEqualTo(5);
                    assertThat(again.err())
                            .contains("In conflict with what exists")
                            .contains("decide anew");
                });
        Path policy = Files.writeString(folder.resolve(name + ".json"), "{\"selectoin\": {}}");
        Ended refused = asAdmin("cohorts", "policy", name, policy.toString());
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("The policy is not valid").contains("selectoin");
    }

    @Test
    void cohortByLabel_rollout_andRollback_areACommandEach() throws IOException {
        String edge = registered("signs-edge.onnx");
        String foundation = registered("signs-foundation.onnx");
        for (String pair : List.of(name, name + "-new")) {
            asAdmin(
                            "pairs",
                            "create",
                            pair,
                            "--edge",
                            pair.equals(name) ? edge : foundation,
                            "--foundation",
                            foundation)
                    .well();
        }
        asAdmin("cohorts", "create", name, "--pair", name, "--selector", "site=" + name)
                .well();
        asAdmin("cohorts", "create", name + "-all", "--pair", name, "--devices", name + "-1," + name + "-2")
                .well();
        asAdmin("cohorts", "remove", name + "-all", name + "-1").well();
        asAdmin("cohorts", "remove", name + "-all", name + "-2").well();
        asAdmin("devices", "label", name + "-1", name + "-2", "--set", "site=" + name + ",floor=2")
                .well();
        assertThat(asAdmin("devices", "list", "--label", "site=" + name + ",floor", "-o", "json")
                        .json())
                .extracting(device -> device.path("cohort").asText())
                .containsExactly(name, name);
        asAdmin("devices", "label", name + "-2", "--remove", "floor").well();
        assertThat(asAdmin("devices", "list", "--label", "site=" + name + ",!floor", "-o", "json")
                        .json())
                .extracting(device -> device.path("id").asText())
                .containsExactly(name + "-2");

        JsonNode rollout = asAdmin(
                        "rollouts",
                        "create",
                        name,
                        "--pair",
                        name + "-new",
                        "--percent",
                        "50,100",
                        "--start",
                        "-o",
                        "json")
                .json();
        String id = rollout.path("id").asText();
        assertThat(rollout.path("state").asText()).isEqualTo("RUNNING");
        assertThat(asAdmin("rollouts", "devices", id, "-o", "json").json()).hasSize(2);
        assertThat(asAdmin("rollouts", "list", "--cohort", name).well().out()).contains(id);
        asAdmin("rollouts", "pause", "--cohort", name).well();
        assertThat(asAdmin("rollouts", "cancel", id).well().out()).contains("formerPair");

        assertThat(asAdmin("cohorts", "rollback", name, "base").well().out()).contains(name);
        asAdmin("cohorts", "freeze", name).well();
        assertThat(asAdmin("cohorts", "unfreeze", name, "-o", "json")
                        .json()
                        .path("frozen")
                        .asBoolean())
                .isFalse();
        assertThat(asAdmin("update-rollouts", "list", "--cohort", name, "-o", "json")
                        .json())
                .isEmpty();
    }

    @Test
    void device_isToldSomethingAndDecommissioned() throws IOException {
        asAdmin(
                        "pairs",
                        "create",
                        name,
                        "--edge",
                        registered("signs-edge.onnx"),
                        "--foundation",
                        registered("signs-foundation.onnx"))
                .well();
        asAdmin("cohorts", "create", name, "--pair", name, "--devices", name + "-1")
                .well();

        assertThat(asAdmin("devices", "command", name + "-1", "ping", "--timeout", "60", "-o", "json")
                        .json()
                        .path("state")
                        .asText())
                .isEqualTo("PENDING");
        assertThat(asAdmin("devices", "commands", name + "-1").well().out()).contains("ping");
        asAdmin("devices", "decommission", name + "-1").well();
        assertThat(asAdmin("cohorts", "get", name, "-o", "json").json().path("devices"))
                .isEmpty();
        asAdmin("samples", "erase", "--device", name + "-1").well();
        assertThat(asAdmin("quarantine", "list", "--cohort", name, "-o", "json").json())
                .isEmpty();
        asAdmin("agent-releases", "list").well();
        asAdmin("re-enrolments", "list", "--state", "PENDING").well();
        asAdmin("cohorts", "accuracy", name).well();
        asAdmin("cohorts", "delete", name).well();
        assertThat(asAdmin("cohorts", "get", name).code()).isEqualTo(3);
    }

    @Test
    void slots_areGivenToADeviceAndTaken() throws IOException {
        String edge = registered("signs-edge.onnx");
        String foundation = registered("signs-foundation.onnx");
        asAdmin("pairs", "create", name, "--edge", edge, "--foundation", foundation)
                .well();
        asAdmin("pairs", "create", name + "-2", "--edge", foundation, "--foundation", foundation)
                .well();
        asAdmin("cohorts", "create", name, "--pair", name, "--devices", name + "-1")
                .well();
        asAdmin("cohorts", "create", name + "-2", "--pair", name + "-2").well();

        String table =
                asAdmin("devices", "add-slot", name + "-1", name + "-2").well().out();

        assertThat(table.lines().findFirst().orElse("")).matches("COHORT +OWN +MODEL +VERSION +ENGINE");
        assertThat(table).containsPattern(name + " +true").containsPattern(name + "-2 +false +-");
        assertThat(asAdmin("devices", "add-slot", name + "-1", name + "-3").code())
                .isEqualTo(3);
        assertThat(asAdmin("devices", "remove-slot", name + "-1", name).code()).isEqualTo(5);
        asAdmin("devices", "remove-slot", name + "-1", name + "-2").well();
        assertThat(asAdmin("devices", "slots", name + "-1", "-o", "json").json())
                .extracting(slot -> slot.path("cohort").asText())
                .containsExactly(name);
    }

    @Test
    void model_isDownloadedAsItWasRegistered() throws IOException {
        String digest = registered("signs-edge.onnx");
        Path target = folder.resolve(name + ".onnx");

        asAdmin("models", "download", digest, target.toString()).well();

        assertThat(target).hasSameBinaryContentAs(CloudProcess.root().resolve("ops/demo/models/signs-edge.onnx"));
    }

    @Test
    void listOfMoreThanAPage_isCompleteWithAll() throws IOException {
        for (int i = 0; i < 3; i++) {
            asAdmin("claims", "create", name + "-" + i).well();
        }

        assertThat(asAdmin("claims", "list", "--limit", "2", "-o", "json").json())
                .hasSize(2);
        assertThat(asAdmin("claims", "list", "--all", "-o", "json").json().findValuesAsText("device"))
                .contains(name + "-0", name + "-1", name + "-2");
    }

    @Test
    void claimForAScript_isItsTokenAlone() throws IOException {
        assertThat(asAdmin("claims", "create", name, "--quiet").well().out().strip())
                .matches("[A-Za-z0-9_-]{43}\\.[0-9a-f]{64}");
    }

    @Test
    void viewersToken_looksAndChangesNothing() throws IOException {
        String viewer = asAdmin("tokens", "create", name, "--role", "viewer", "--quiet")
                .well()
                .out()
                .strip();

        assertThat(run("devices", "list", "--token", viewer).code()).isZero();
        Ended refused = run("claims", "create", name, "--token", viewer);
        assertThat(refused.code()).isEqualTo(4);
        assertThat(refused.err())
                .contains("Not allowed")
                .contains("needs role admin")
                .contains("--token-file");
    }

    @Test
    void withoutToken_nothingIsShown() {
        Ended refused = run("devices", "list");

        assertThat(refused.code()).isEqualTo(4);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err()).contains("Not authenticated");
    }

    @Test
    void tokenInAFile_isRead() throws IOException {
        Path file = Files.writeString(folder.resolve(name + ".token"), cloud.adminToken() + "\n");

        assertThat(run("devices", "list", "--token-file", file.toString()).code())
                .isZero();
    }

    @Test
    void whatIsNotThere_isSaidAndIsExitCodeThree() throws IOException {
        Ended ended = asAdmin("devices", "get", name);

        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.err()).contains("Not found").contains(name);
    }

    @Test
    void serviceThatIsNotThere_isExitCodeSix() {
        assertThat(Cema.run(
                        new PrintWriter(new StringWriter()),
                        new PrintWriter(new StringWriter()),
                        "--server",
                        "http://127.0.0.1:9",
                        "devices",
                        "list"))
                .isEqualTo(6);
    }

    @Test
    void serviceByHttps_isReachedWithItsAuthorityAndNotWithout() throws IOException {
        assertThat(byHttps("--authority", cloud.authority().toString())).isZero();
        assertThat(byHttps()).isEqualTo(6);
    }

    private static int byHttps(String... trusting) throws IOException {
        List<String> all = new ArrayList<>(List.of("devices", "list", "--server", cloud.tlsServer()));
        all.addAll(List.of("--token", cloud.adminToken()));
        all.addAll(List.of(trusting));
        return Cema.run(
                new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter()), all.toArray(String[]::new));
    }

    @Test
    void commandLineThatIsNone_isExitCodeTwo() throws IOException {
        assertThat(asAdmin("devices", "list", "--unheard-of").code()).isEqualTo(2);
        assertThat(asAdmin("devices").code()).isEqualTo(2);
        assertThat(asAdmin("tokens", "create", "x", "--role", "boss").code()).isEqualTo(2);
    }

    @Test
    void help_namesCommandsAndExitCodes() {
        Ended help = run("--help");

        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("cohorts").contains("Exit codes:").contains("changed meanwhile");
    }

    @Test
    void audit_namesWhoDidIt() throws IOException {
        asAdmin("claims", "create", name).well();

        assertThat(asAdmin("audit", "list", "--resource", "/api/v1/claims", "--limit", "5")
                        .well()
                        .out())
                .contains("first-admin")
                .contains("POST");
    }

    @Test
    void watch_showsWhatHappenedAndEndsAfterItsCount() throws Exception {
        try (Connection database = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + cloud.databasePort() + "/cema", "cema", "cema");
                Statement statement = database.createStatement()) {
            statement.execute("select set_config('cema.tenant', 'default', false)");
            statement.execute("insert into live_event (tenant, type, subject, data) values"
                    + " ('default', 'device.online', 'devices/" + name + "', '{\"generation\": 1}')");
        }

        Ended ended = asAdmin("events", "watch", "--after", "0.0", "--subject", "devices/" + name, "--count", "1");

        assertThat(ended.well().out())
                .contains("device.online  devices/" + name)
                .contains("{\"generation\":1}");
    }

    private static String registered(String file) throws IOException {
        return asAdmin(
                        "models",
                        "register",
                        CloudProcess.root()
                                .resolve("ops/demo/models")
                                .resolve(file)
                                .toString(),
                        "--name",
                        file,
                        "--mean",
                        "0.5,0.5,0.5",
                        "--std",
                        "0.25,0.25,0.25",
                        "--output",
                        "json")
                .json()
                .path("digest")
                .asText();
    }

    private static String model(String file) {
        return CloudProcess.root().resolve("ops/demo/models").resolve(file).toString();
    }

    private static Ended asAdmin(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--token", cloud.adminToken()));
        return run(all.toArray(String[]::new));
    }

    private static Ended run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--server", cloud.server()));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Cema.run(new PrintWriter(out), new PrintWriter(err), all.toArray(String[]::new));
        return new Ended(code, out.toString(), err.toString());
    }
}
