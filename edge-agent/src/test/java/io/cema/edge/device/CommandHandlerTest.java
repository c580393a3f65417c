package io.cema.edge.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.edge.device.DeviceCommand.Answer;
import io.cema.edge.storage.Damages;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.message.Command;
import io.cema.protocol.message.CommandResponse;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.MqttLinkSettings;
import io.cema.protocol.mqtt.OutgoingMessage;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.SigningKey;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands over a real broker, with the cloud's side by hand. */
class CommandHandlerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String COMMANDS = Topics.device("default", "cam-1", DeviceLeaf.COMMAND);
    private static final String RESPONSES = Topics.device("default", "cam-1", DeviceLeaf.RESPONSE);

    @TempDir
    static Path shared;

    private static StackProcess stack;

    @TempDir
    Path folder;

    private final SigningKey key = SigningKey.generate();
    private final AtomicInteger counted = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final Map<String, CommandResponse> answers = new ConcurrentHashMap<>();
    private MqttLink cloud;
    private MqttLink link;
    private CommandHandler handler;

    @BeforeAll
    static void startBroker() {
        stack = StackProcess.startBrokerOnly(shared.resolve("stack"));
    }

    @AfterAll
    static void stopBroker() {
        stack.close();
    }

    @BeforeEach
    void connect() throws IOException {
        cloud = link("cloud");
        cloud.subscribe(RESPONSES, 1, message -> {
            answers.put(
                    new String(message.correlationData().orElseThrow(), StandardCharsets.UTF_8),
                    EnvelopeOpener.openUnsigned(message.payload(), CommandResponse.getDefaultInstance()));
            message.acknowledge();
        });
        startHandler();
    }

    @AfterEach
    void disconnect() {
        handler.close();
        link.close();
        cloud.close();
    }

    @Test
    void knownCommand_isObeyedAndAnsweredUnderItsCorrelationData() {
        CommandResponse answer = send("q1", command(1, "count"));

        assertThat(answer.getAccepted()).isTrue();
        assertThat(answer.getMessage()).isEqualTo("counted");
        assertThat(answer.getId()).isEqualTo("c1");
        assertThat(counted).hasValue(1);
    }

    @Test
    void replayedCommand_isRefusedAfterARestartToo() throws IOException {
        send("q1", command(5, "count"));
        handler.close();
        link.close();
        startHandler();

        CommandResponse answer = send("q2", command(5, "count"));

        assertThat(answer.getAccepted()).isFalse();
        assertThat(answer.getMessage()).contains("sequence 5");
        assertThat(counted).hasValue(1);
    }

    @Test
    void replayedCommand_sequenceDamaged_isRefusedByItsCopy() throws IOException {
        send("q1", command(5, "count"));
        handler.close();
        link.close();
        Files.writeString(folder.resolve("command-sequence"), "");
        startHandler();

        assertThat(send("q2", command(5, "count")).getMessage()).contains("sequence 5");
        assertThat(send("q3", command(6, "count")).getAccepted()).isTrue();
    }

    @Test
    void command_sequenceDamagedAndSoItsCopy_isRefusedWithTheRemedy() throws IOException {
        handler.close();
        link.close();
        Files.writeString(folder.resolve("command-sequence"), "x");
        Files.writeString(folder.resolve("command-sequence.copy"), "y");
        startHandler();

        CommandResponse answer = send("q1", command(1, "count"));

        assertThat(answer.getAccepted()).isFalse();
        assertThat(answer.getMessage()).contains("command-sequence", "delete both");
        assertThat(counted).hasValue(0);
    }

    @Test
    void commandDeliveredAgain_isAnsweredAgainAndNotObeyedAgain() {
        send("q1", command(5, "count"));

        CommandResponse answer = send("q2", command(5, "count"));

        assertThat(answer.getAccepted()).isTrue();
        assertThat(answer.getMessage()).isEqualTo("counted");
        assertThat(counted).hasValue(1);
    }

    @Test
    void commandThatWaitedAtTheBroker_isAnsweredOnceTheDeviceIsBack() throws IOException {
        link.close();
        handler.close();
        publish("q1", command(1, "count"), key);

        startHandler();

        await().atMost(PATIENCE).until(() -> answers.containsKey("q1"));
        assertThat(counted).hasValue(1);
    }

    @Test
    void unknownCommand_isRefusedWithTheOnesThereAre() {
        CommandResponse answer = send("q1", command(1, "explode"));

        assertThat(answer.getAccepted()).isFalse();
        assertThat(answer.getMessage()).contains("explode").contains("[count, end, fail]");
    }

    @Test
    void unknownArgument_isRefusedByName() {
        CommandResponse answer = send("q1", command(1, "count").putArguments("twice", "yes"));

        assertThat(answer.getAccepted()).isFalse();
        assertThat(answer.getMessage()).contains("[twice]");
        assertThat(counted).hasValue(0);
    }

    @Test
    void failingCommand_isAnsweredWithTheReason() {
        CommandResponse answer = send("q1", command(1, "fail"));

        assertThat(answer.getAccepted()).isFalse();
        assertThat(answer.getMessage()).contains("disk is gone");
    }

    @Test
    void commandThatEndsTheAgent_isAnsweredFirst() {
        assertThat(send("q1", command(1, "end")).getAccepted()).isTrue();

        await().atMost(PATIENCE).until(() -> ended.get() == 1);
    }

    @Test
    void commandOfAStranger_isNotObeyed() {
        publish("q1", command(1, "count"), SigningKey.generate());
        send("q2", command(2, "count"));

        assertThat(counted).hasValue(1);
        assertThat(answers).doesNotContainKey("q1");
    }

    private void startHandler() throws IOException {
        link = MqttLink.create(MqttLinkSettings.of(stack.host(), stack.brokerPort(), "device"));
        handler = new CommandHandler(
                DeviceIdentity.open(folder, "default", "cam-1"),
                folder,
                link,
                TrustedKeys.of(key.publicKey()),
                Clock.systemUTC(),
                new Damages(),
                Map.of(
                        "count",
                        arguments -> {
                            counted.incrementAndGet();
                            return Answer.done("counted");
                        },
                        "fail",
                        arguments -> {
                            throw new IOException("the disk is gone");
                        },
                        "end",
                        arguments -> new Answer(true, "ending", ended::incrementAndGet)));
        handler.start();
        link.start();
        await().atMost(PATIENCE).until(link::connected);
    }

    private static MqttLink link(String client) {
        MqttLink link = MqttLink.create(MqttLinkSettings.of(stack.host(), stack.brokerPort(), client));
        link.start();
        await().atMost(PATIENCE).until(link::connected);
        return link;
    }

    private static Command.Builder command(long sequence, String name) {
        return Command.newBuilder().setId("c" + sequence).setSequence(sequence).setName(name);
    }

    private CommandResponse send(String correlation, Command.Builder command) {
        publish(correlation, command, key);
        await().atMost(PATIENCE).until(() -> answers.containsKey(correlation));
        return answers.get(correlation);
    }

    private void publish(String correlation, Command.Builder command, SigningKey signer) {
        byte[] payload = EnvelopeSealer.sign(COMMANDS, command.build(), signer.id(), signer.privateKey(), 1)
                .toByteArray();
        cloud.publish(new OutgoingMessage(
                COMMANDS,
                payload,
                1,
                false,
                Optional.of(Duration.ofMinutes(1)),
                Map.of(),
                Optional.of(RESPONSES),
                Optional.of(correlation.getBytes(StandardCharsets.UTF_8))));
    }
}
