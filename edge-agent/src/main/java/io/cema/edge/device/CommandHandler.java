package io.cema.edge.device;

import io.cema.edge.device.DeviceCommand.Answer;
import io.cema.edge.storage.Damages;
import io.cema.edge.storage.TwinFile;
import io.cema.protocol.message.Command;
import io.cema.protocol.message.CommandResponse;
import io.cema.protocol.mqtt.IncomingMessage;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.OutgoingMessage;
import io.cema.protocol.signature.EnvelopeException;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.thread.DaemonThreads;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Obeys signed commands, each once: its sequence must be above the last one obeyed, which is written down. An answer goes
 * to the response topic, if there is one, with the question's correlation data.
 */
public final class CommandHandler implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(CommandHandler.class);

    /**
     * For the broker's word that it has an answer; a command may end the agent right after. A command that waited at the
     * broker comes before the connection is ready to publish.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final long RETRY_MILLIS = 200;

    private final ExecutorService thread = Executors.newSingleThreadExecutor(DaemonThreads.named("cema-command"));
    private final DeviceIdentity identity;
    private final Path path;
    private final TwinFile file;
    private final MqttLink link;
    private final TrustedKeys keys;
    private final Clock clock;
    private final Map<String, DeviceCommand> commands;
    // Confined to the thread, once started.
    private long lastSequence;
    private CommandResponse lastResponse = CommandResponse.getDefaultInstance();

    /**
     * @param damages told if the last sequence is lost; every command is refused then, since it might be a repeated one
     * @param commands by name; they run on this handler's thread, one after the other
     */
    public CommandHandler(
            DeviceIdentity identity,
            Path folder,
            MqttLink link,
            TrustedKeys keys,
            Clock clock,
            Damages damages,
            Map<String, DeviceCommand> commands) {
        this.identity = identity;
        this.path = folder.resolve("command-sequence");
        this.file = new TwinFile(path, damages);
        this.link = link;
        this.keys = keys;
        this.clock = clock;
        this.commands = Map.copyOf(commands);
        this.lastSequence = file.read(CommandHandler::parse).orElse(0L);
    }

    public void start() {
        link.subscribe(Topics.device(identity.tenant(), identity.device(), DeviceLeaf.COMMAND), 1, message -> {
            try {
                thread.execute(() -> handle(message));
            } catch (RejectedExecutionException e) {
                LOG.debugf("closing: %s", e.getMessage());
            }
        });
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void handle(IncomingMessage message) {
        Runnable afterwards = () -> {};
        try {
            Command command =
                    EnvelopeOpener.openSigned(message.topic(), message.payload(), Command.getDefaultInstance(), keys);
            if (deliveredAgain(command)) {
                respond(message, lastResponse);
            } else {
                Answer answer = obey(command);
                lastResponse = CommandResponse.newBuilder()
                        .setId(command.getId())
                        .setAccepted(answer.accepted())
                        .setMessage(answer.message())
                        .build();
                respond(message, lastResponse);
                afterwards = answer.afterwards();
            }
        } catch (EnvelopeException e) {
            LOG.warnf("command refused: %s", e.getMessage());
        } catch (IOException e) {
            LOG.errorf(e, "command refused: its sequence cannot be written down");
        }
        message.acknowledge();
        afterwards.run();
    }

    /** The broker did not hear that it was taken: what was answered is answered again, and nothing is done. */
    private boolean deliveredAgain(Command command) {
        return !command.getId().isEmpty()
                && command.getSequence() == lastSequence
                && command.getId().equals(lastResponse.getId());
    }

    private static long parse(byte[] bytes) {
        return Long.parseUnsignedLong(new String(bytes, StandardCharsets.US_ASCII).trim());
    }

    private Answer obey(Command command) throws IOException {
        if (file.lost()) {
            return Answer.refused(
                    "which commands were obeyed is not known: " + path + " is damaged, and so is its copy;"
                            + " delete both on the device if no old command can be sent again, and start the agent anew");
        }
        if (Long.compareUnsigned(command.getSequence(), lastSequence) <= 0) {
            return Answer.refused("sequence " + Long.toUnsignedString(command.getSequence())
                    + " is not above the last one obeyed, " + Long.toUnsignedString(lastSequence));
        }
        DeviceCommand known = commands.get(command.getName());
        if (known == null) {
            return Answer.refused(
                    "no command named " + command.getName() + "; there are " + new TreeSet<>(commands.keySet()));
        }
        if (!known.arguments().containsAll(command.getArgumentsMap().keySet())) {
            String taken = known.arguments().isEmpty()
                    ? "no arguments"
                    : "the arguments " + new TreeSet<>(known.arguments()) + " alone";
            return Answer.refused("command " + command.getName() + " takes " + taken + ", here are "
                    + new TreeSet<>(command.getArgumentsMap().keySet()));
        }
        file.write(Long.toUnsignedString(command.getSequence()).getBytes(StandardCharsets.US_ASCII));
        lastSequence = command.getSequence();
        try {
            return known.obey(command.getArgumentsMap());
        } catch (IOException | RuntimeException e) {
            LOG.errorf(e, "command %s failed", command.getName());
            return Answer.refused("command " + command.getName() + " failed: " + e);
        }
    }

    private void respond(IncomingMessage message, CommandResponse response) {
        Optional<String> topic = message.responseTopic();
        if (topic.isEmpty()) {
            return;
        }
        byte[] payload = EnvelopeSealer.unsigned(response, clock.millis()).toByteArray();
        OutgoingMessage answer = new OutgoingMessage(
                topic.get(),
                payload,
                1,
                false,
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                message.correlationData());
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (!published(answer, end) && System.nanoTime() < end) {
                Thread.sleep(RETRY_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean published(OutgoingMessage answer, long end) throws InterruptedException {
        try {
            link.publish(answer).toCompletableFuture().get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            LOG.debugf("answer on %s was not published: %s", answer.topic(), e.getMessage());
            return false;
        }
    }
}
