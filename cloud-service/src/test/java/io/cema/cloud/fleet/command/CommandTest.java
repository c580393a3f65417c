package io.cema.cloud.fleet.command;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestModels;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.message.CommandResponse;
import io.cema.protocol.message.Presence;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands over the real broker, to a device that keeps the agent's rule. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class CommandTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    StackProcess stack;

    @Inject
    CommandPruning pruning;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    private final String device = "o" + UUID.randomUUID().toString().substring(0, 8);

    @BeforeEach
    void device() {
        TestModels.cohort(device, device.hashCode(), device);
    }

    @Test
    void obeyedCommand_isAcceptedWithItsAnswer() {
        try (CommandedDevice agent = agent(CommandedDevice.Manner.OBEYS)) {
            String id = give(600);

            await(id, "ACCEPTED").body("message", equalTo("pong")).body("endedAt", notNullValue());
            assertThat(agent.obeyed()).hasSize(1);
            assertThat(agent.obeyed().get(0).getArgumentsMap()).containsEntry("level", "2");
        }
    }

    @Test
    void refusedCommand_isRefusedWithItsReason() {
        try (CommandedDevice agent = agent(CommandedDevice.Manner.KNOWS_NO_COMMAND)) {
            await(give(600), "REFUSED").body("message", equalTo("no command named ping"));
            assertThat(agent.obeyed()).isEmpty();
        }
    }

    @Test
    void deviceThatDoesNotAnswer_isTimedOut() throws Exception {
        try (CommandedDevice agent = agent(CommandedDevice.Manner.IS_SILENT)) {
            isOnline(agent);

            await(give(1), "TIMED_OUT").body("message", containsString("not known"));
        }
    }

    @Test
    void deviceThatIsNotThere_letsTheCommandExpire() {
        await(give(1), "EXPIRED").body("message", containsString("not heard of"));
    }

    @Test
    void deviceThatComesBackInTime_getsItsCommands() {
        agent(CommandedDevice.Manner.OBEYS).close();
        String first = give(600);
        String second = give(600);

        try (CommandedDevice agent = agent(CommandedDevice.Manner.OBEYS)) {
            await(first, "ACCEPTED");
            await(second, "ACCEPTED");
            assertThat(agent.obeyed().get(1).getSequence())
                    .isGreaterThan(agent.obeyed().get(0).getSequence());
        }
    }

    @Test
    void replayedCommand_isRefusedByTheDeviceAndStaysAccepted() throws Exception {
        try (CommandedDevice agent = agent(CommandedDevice.Manner.OBEYS)) {
            String first = give(600);
            await(first, "ACCEPTED");

            agent.replay();
            Awaitility.await().atMost(PATIENCE).until(() -> agent.answers().size() == 2);
            await(give(600), "ACCEPTED"); // comes behind the answer to the replay

            assertThat(agent.answers().get(1).getAccepted()).isFalse();
            assertThat(agent.obeyed()).hasSize(2);
            await(first, "ACCEPTED").body("message", equalTo("pong"));
        }
    }

    @Test
    void lateAnswer_stillCounts() throws Exception {
        try (CommandedDevice agent = agent(CommandedDevice.Manner.IS_SILENT)) {
            isOnline(agent);
            String id = give(1);
            await(id, "TIMED_OUT");

            agent.send(DeviceLeaf.RESPONSE, answer(id));

            await(id, "ACCEPTED").body("message", equalTo("late"));
        }
    }

    @Test
    void answerOfAnotherDevice_doesNotCount() throws Exception {
        String other = device + "-other";
        try (CommandedDevice stranger = new CommandedDevice(
                        stack.host(), stack.brokerPort(), other, trusted(), CommandedDevice.Manner.IS_SILENT);
                CommandedDevice agent = agent(CommandedDevice.Manner.OBEYS)) {
            String id = give(600);
            stranger.send(DeviceLeaf.RESPONSE, answer(id));

            await(id, "ACCEPTED").body("message", equalTo("pong"));
            assertThat(agent.obeyed()).hasSize(1);
        }
    }

    @Test
    void commands_areListedNewestFirstByPages() {
        List<String> given = List.of(give(600), give(600), give(600));

        var first = given().queryParams("limit", 2, "state", "PENDING")
                .get("/api/v1/devices/{id}/commands", device)
                .then()
                .statusCode(200)
                .body("items.id", contains(given.get(2), given.get(1)))
                .extract()
                .jsonPath();
        given().queryParams("limit", 2, "before", first.getLong("next"))
                .get("/api/v1/devices/{id}/commands", device)
                .then()
                .body("items.id", contains(given.get(0)));
    }

    @Test
    void unchangedCommand_isNotSentAgain() {
        String id = give(600);
        String tag = given().get("/api/v1/devices/{id}/commands/{command}", device, id)
                .header("ETag");

        given().header("If-None-Match", tag)
                .get("/api/v1/devices/{id}/commands/{command}", device, id)
                .then()
                .statusCode(304);
    }

    @Test
    void whatIsUnknown_isNotFound() {
        post("nobody", "{\"name\": \"ping\"}").statusCode(404);
        given().get("/api/v1/devices/{id}/commands/{command}", device, "none")
                .then()
                .statusCode(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{",
                "{\"name\": \"Ping\"}",
                "{\"name\": \"ping\", \"timeoutSeconds\": 0}",
                "{\"name\": \"ping\", \"timeoutSeconds\": 1000000}",
                "{\"name\": \"ping\", \"arguments\": {\"a b\": \"x\"}}",
                "{\"name\": \"ping\", \"arguments\": {\"a\": null}}",
                "{\"name\": \"ping\", \"wait\": true}"
            })
    void commandThatIsNotOne_isInvalid(String body) {
        post(device, body).statusCode(400).contentType("application/problem+json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=501", "state=GONE", "before=x"})
    void wrongParameter_isInvalid(String query) {
        given().get("/api/v1/devices/" + device + "/commands?" + query)
                .then()
                .statusCode(400)
                .contentType("application/problem+json");
    }

    @Test
    void commandThatEndedLongAgo_isForgottenAndNoOther() throws Exception {
        String old = give(1);
        String recent = give(1);
        String open = give(600);
        await(old, "EXPIRED");
        await(recent, "EXPIRED");
        age(old, 31);
        age(recent, 29);

        pruning.prune();

        given().get("/api/v1/devices/{id}/commands", device).then().body("items.id", contains(open, recent));
    }

    /** As if it had been given and had ended so many days before. */
    private void age(String id, int days) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(stack.jdbcUrl(), stack.databaseUser(), stack.databasePassword());
                Statement statement = connection.createStatement()) {
            statement.execute("select set_config('cema.tenant', 'default', false)");
            String by = " - interval '" + days + " days'";
            assertThat(statement.executeUpdate(
                            "update device_command set created_at = created_at" + by + ", expires_at = expires_at" + by
                                    + ", ended_at = ended_at" + by + " where id = '" + id + "'"))
                    .isEqualTo(1);
        }
    }

    private String give(int timeoutSeconds) {
        return post(
                        device,
                        "{\"name\": \"ping\", \"arguments\": {\"level\": \"2\"}, \"timeoutSeconds\": " + timeoutSeconds
                                + "}")
                .statusCode(201)
                .header("Location", containsString("/api/v1/devices/" + device + "/commands/"))
                .body("state", equalTo("PENDING"))
                .extract()
                .path("id");
    }

    private static ValidatableResponse post(String device, String body) {
        return given().contentType("application/json")
                .body(body)
                .post("/api/v1/devices/{id}/commands", device)
                .then();
    }

    private ValidatableResponse await(String id, String state) {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> state.equals(given().get("/api/v1/devices/{id}/commands/{command}", device, id)
                        .path("state")));
        return given().get("/api/v1/devices/{id}/commands/{command}", device, id)
                .then();
    }

    private void isOnline(CommandedDevice agent) throws Exception {
        Presence presence = Presence.newBuilder()
                .setState(Presence.State.ONLINE)
                .setGeneration(1)
                .setConnection(1)
                .build();
        agent.send(
                DeviceLeaf.PRESENCE,
                EnvelopeSealer.unsigned(presence, System.currentTimeMillis()).toByteArray());
        Awaitility.await().atMost(PATIENCE).until(() -> "ONLINE"
                .equals(given().get("/api/v1/devices/{id}", device).path("presence")));
    }

    private static byte[] answer(String id) {
        CommandResponse answer = CommandResponse.newBuilder()
                .setId(id)
                .setAccepted(true)
                .setMessage("late")
                .build();
        return EnvelopeSealer.unsigned(answer, System.currentTimeMillis()).toByteArray();
    }

    private CommandedDevice agent(CommandedDevice.Manner manner) {
        return new CommandedDevice(stack.host(), stack.brokerPort(), device, trusted(), manner);
    }

    private TrustedKeys trusted() {
        return TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem"));
    }
}
