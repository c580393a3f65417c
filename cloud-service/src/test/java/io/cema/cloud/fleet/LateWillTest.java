package io.cema.cloud.fleet;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestDevice;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.message.Presence;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the cloud makes of wills that come late, over the real broker. What the device does: LateWillTest of the agent. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class LateWillTest {
    StackProcess stack;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    private final String device = "w" + UUID.randomUUID().toString().substring(0, 8);
    private TestDevice agent;

    @BeforeEach
    void connect() {
        agent = new TestDevice(
                stack.host(),
                stack.brokerPort(),
                device,
                TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem")));
    }

    @AfterEach
    void close() {
        agent.close();
    }

    @Test
    void willOfAnEarlierConnection_afterATakeOver_leavesTheDeviceOnline() {
        say(Presence.State.ONLINE, 1, 7);
        say(Presence.State.ONLINE, 1, 8);
        say(Presence.State.OFFLINE, 1, 7);

        staysOnlineAt(1, 8);
    }

    @Test
    void willOfAFormerLife_afterReimaging_leavesTheDeviceOnlineThoughItsCountBeganAnew() {
        say(Presence.State.ONLINE, 1, 57);
        say(Presence.State.ONLINE, 2, 2);
        say(Presence.State.OFFLINE, 1, 57);

        staysOnlineAt(2, 2);
    }

    @Test
    void willThatTheBrokerPublishesAgainAfterItsRestart_leavesTheDeviceOnline() {
        say(Presence.State.ONLINE, 1, 3);
        say(Presence.State.OFFLINE, 1, 3);
        say(Presence.State.ONLINE, 1, 4);
        say(Presence.State.OFFLINE, 1, 3);
        say(Presence.State.OFFLINE, 1, 3);

        staysOnlineAt(1, 4);
    }

    private void say(Presence.State state, long generation, long connection) {
        agent.sendRetained(
                DeviceLeaf.PRESENCE,
                Presence.newBuilder()
                        .setState(state)
                        .setGeneration(generation)
                        .setConnection(connection)
                        .build());
    }

    /** A further birth, which is dealt with after all before it, shows that the wills have been seen. */
    private void staysOnlineAt(int generation, int connection) {
        awaitPresence("ONLINE", generation, connection);
        say(Presence.State.OFFLINE, generation, connection);
        awaitPresence("OFFLINE", generation, connection);
    }

    private void awaitPresence(String state, int generation, int connection) {
        Awaitility.await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> given().get(
                        "/api/v1/devices/{id}", device)
                .then()
                .body("presence", equalTo(state))
                .body("generation", equalTo(generation))
                .body("connection", equalTo(connection)));
    }
}
