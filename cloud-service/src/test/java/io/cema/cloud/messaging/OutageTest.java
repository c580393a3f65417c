package io.cema.cloud.messaging;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestDevice;
import io.cema.cloud.TestModels;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.SampleAck;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.MqttLinkSettings;
import io.cema.protocol.mqtt.OutgoingMessage;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Broker and database go away in mid-run and come back. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class OutageTest {
    StackProcess stack;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    private String cohort;
    private String device;
    private String model;

    @BeforeEach
    void enrol() {
        cohort = "o" + UUID.randomUUID().toString().substring(0, 8);
        device = "p" + UUID.randomUUID().toString().substring(0, 8);
        model = TestModels.cohort(cohort, cohort.hashCode(), device);
    }

    @Test
    void killedBroker_samplesFlowAgainWhenItIsBack() {
        try (TestDevice agent = agent()) {
            stack.killBroker();
            stack.startBroker();
            Awaitility.await().atMost(Duration.ofSeconds(90)).until(agent::connected);
            awaitReady();
            SamplePart sample = TestDevice.sample(cohort, model, 20);

            agent.send(DeviceLeaf.SAMPLES, sample);

            assertThat(agent.awaitAck(sample.getSampleId()).getOutcome()).isEqualTo(SampleAck.Outcome.DURABLE);
        }
    }

    @Test
    void brokerThatLostRetainedState_isGivenItAgain() throws Exception {
        try (TestDevice agent = agent()) {
            agent.await(DeviceLeaf.DESIRED, DesiredState.getDefaultInstance());
        }
        clearRetained(Topics.device("default", device, DeviceLeaf.DESIRED));

        stack.killBroker();
        stack.startBroker();

        try (TestDevice late = agent()) {
            assertThat(late.await(DeviceLeaf.DESIRED, DesiredState.getDefaultInstance())
                            .getSlots(0)
                            .getCohort())
                    .isEqualTo(cohort);
        }
    }

    @Test
    void databaseAway_sampleWaitsAndIsAcknowledgedWhenItIsBack() {
        try (TestDevice agent = agent()) {
            stack.killDatabase();
            SamplePart sample = TestDevice.sample(cohort, model, 21);
            agent.send(DeviceLeaf.SAMPLES, sample);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(90))
                    .until(() -> given().get("/q/health/ready").statusCode() == 503);
            assertThat(agent.ackCount(sample.getSampleId())).isZero();

            stack.startDatabase();

            assertThat(agent.awaitAck(sample.getSampleId()).getOutcome()).isEqualTo(SampleAck.Outcome.DURABLE);
        } finally {
            stack.startDatabase();
        }
    }

    private TestDevice agent() {
        return new TestDevice(
                stack.host(),
                stack.brokerPort(),
                device,
                TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem")));
    }

    private void clearRetained(String topic) throws Exception {
        try (MqttLink link =
                MqttLink.create(MqttLinkSettings.of(stack.host(), stack.brokerPort(), "eraser-" + device))) {
            link.start();
            Awaitility.await().atMost(Duration.ofSeconds(90)).until(link::connected);
            link.publish(OutgoingMessage.of(topic, new byte[0], 1, true))
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
        }
    }

    private static void awaitReady() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .until(() -> given().get("/q/health/ready").statusCode() == 200);
    }
}
