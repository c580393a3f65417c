package io.cema.cloud.fleet.command;

import io.cema.protocol.message.Command;
import io.cema.protocol.message.CommandResponse;
import io.cema.protocol.mqtt.IncomingMessage;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.MqttLinkSettings;
import io.cema.protocol.mqtt.OutgoingMessage;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The agent's rule about commands, by hand: signed, each sequence above the last, the answer where the question says. */
final class CommandedDevice implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** What it does with a command. */
    enum Manner {
        OBEYS,
        KNOWS_NO_COMMAND,
        IS_SILENT
    }

    private final String id;
    private final TrustedKeys keys;
    private final Manner manner;
    private final MqttLink link;
    private final List<Command> obeyed = new CopyOnWriteArrayList<>();
    private final List<CommandResponse> answers = new CopyOnWriteArrayList<>();
    private final List<IncomingMessage> heard = new CopyOnWriteArrayList<>();
    private volatile boolean closed;
    private long lastSequence;

    CommandedDevice(String host, int port, String id, TrustedKeys keys, Manner manner) {
        this.id = id;
        this.keys = keys;
        this.manner = manner;
        this.link = MqttLink.create(MqttLinkSettings.of(host, port, "device-" + id));
        MqttLink.Subscription commands = link.subscribe(topic(DeviceLeaf.COMMAND), 1, this::handle);
        link.start();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> commands.established().toCompletableFuture().isDone());
    }

    private synchronized void handle(IncomingMessage message) {
        heard.add(message);
        Command command =
                EnvelopeOpener.openSigned(message.topic(), message.payload(), Command.getDefaultInstance(), keys);
        if (manner != Manner.IS_SILENT) {
            CommandResponse answer = answer(command);
            answers.add(answer);
            publish(new OutgoingMessage(
                    message.responseTopic().orElseThrow(),
                    EnvelopeSealer.unsigned(answer, System.currentTimeMillis()).toByteArray(),
                    1,
                    false,
                    Optional.empty(),
                    Map.of(),
                    Optional.empty(),
                    message.correlationData()));
        }
        message.acknowledge();
    }

    private CommandResponse answer(Command command) {
        CommandResponse.Builder answer = CommandResponse.newBuilder().setId(command.getId());
        if (Long.compareUnsigned(command.getSequence(), lastSequence) <= 0) {
            return answer.setMessage("sequence is not above the last one obeyed")
                    .build();
        }
        if (manner == Manner.KNOWS_NO_COMMAND) {
            return answer.setMessage("no command named " + command.getName()).build();
        }
        lastSequence = command.getSequence();
        obeyed.add(command);
        return answer.setAccepted(true).setMessage("pong").build();
    }

    /** Again until it is out: what waited for the device arrives before its link takes messages. */
    private void publish(OutgoingMessage message) {
        link.publish(message).whenComplete((done, failure) -> {
            if (failure != null && !closed) {
                CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS).execute(() -> publish(message));
            }
        });
    }

    /** Says something of its own, at once durable in the broker. */
    void send(DeviceLeaf leaf, byte[] payload) throws Exception {
        link.publish(OutgoingMessage.of(topic(leaf), payload, 1, false))
                .toCompletableFuture()
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** The newest command once more, byte for byte, as somebody who recorded it would send it. */
    void replay() throws Exception {
        IncomingMessage recorded = heard.get(heard.size() - 1);
        link.publish(new OutgoingMessage(
                        recorded.topic(),
                        recorded.payload(),
                        1,
                        false,
                        Optional.empty(),
                        Map.of(),
                        recorded.responseTopic(),
                        recorded.correlationData()))
                .toCompletableFuture()
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    List<Command> obeyed() {
        return obeyed;
    }

    List<CommandResponse> answers() {
        return answers;
    }

    int heard() {
        return heard.size();
    }

    private String topic(DeviceLeaf leaf) {
        return Topics.device("default", id, leaf);
    }

    @Override
    public void close() {
        closed = true;
        link.close();
    }
}
