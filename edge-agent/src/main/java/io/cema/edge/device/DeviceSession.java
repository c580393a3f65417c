package io.cema.edge.device;

import com.github.f4b6a3.ulid.UlidCreator;
import com.google.protobuf.Message;
import io.cema.edge.device.DeviceIdentity.Position;
import io.cema.edge.storage.DiskWatch;
import io.cema.edge.update.ActiveModels;
import io.cema.edge.update.ModelOrigin;
import io.cema.edge.update.UpdateResult;
import io.cema.edge.update.UpdateRevision;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Presence;
import io.cema.protocol.message.ReportedSlot;
import io.cema.protocol.message.ReportedState;
import io.cema.protocol.message.Slot;
import io.cema.protocol.message.Telemetry;
import io.cema.protocol.mqtt.IncomingMessage;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.OutgoingMessage;
import io.cema.protocol.signature.EnvelopeException;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.thread.DaemonThreads;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * What the device says of itself: birth and farewell, reported state, telemetry, events. Its state lives on one thread;
 * the public methods return at once and may be called from anywhere.
 */
public final class DeviceSession implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(DeviceSession.class);
    private static final List<String> CAPABILITIES = List.of(
            "update:affine-float32",
            "update:experts",
            "image:rgb8-zstd",
            "image:png",
            "image:jpeg",
            "slots:several",
            "command:ping,report,reload,roll-back,forget-samples,restart");

    private final ScheduledExecutorService thread;
    private final DeviceIdentity identity;
    private final String agentVersion;
    private final MqttLink link;
    private final ActiveModels models;
    private final TelemetrySource telemetrySource;
    private final Duration telemetryInterval;
    private final Clock clock;
    private final EventSender events;
    private final String startId = UlidCreator.getUlid().toString();
    private final long startedNanos = System.nanoTime();

    // Confined to the thread.
    private long desiredVersion;
    private String problem = "";
    private volatile boolean reported;
    private final List<String> further = new CopyOnWriteArrayList<>();

    /**
     * @param folder where unsent events are kept
     * @param disk told of events that it does not take
     * @param link not yet started; its will must be {@link #will}
     */
    public DeviceSession(
            DeviceIdentity identity,
            String agentVersion,
            Path folder,
            MqttLink link,
            ActiveModels models,
            TelemetrySource telemetrySource,
            Duration telemetryInterval,
            Clock clock,
            DiskWatch disk)
            throws IOException {
        this.thread = DaemonThreads.timer("cema-device");
        this.identity = identity;
        this.agentVersion = agentVersion;
        this.link = link;
        this.models = models;
        this.telemetrySource = telemetrySource;
        this.telemetryInterval = telemetryInterval;
        this.clock = clock;
        this.events =
                new EventSender(identity, link, EventSpool.open(folder.resolve("events"), disk), this::execute, clock);
    }

    /** The last will for a CONNECT about to be sent; raises the connection counter. */
    public static OutgoingMessage will(DeviceIdentity identity, String agentVersion, Clock clock) {
        Position position = identity.raiseConnection();
        return presence(identity, agentVersion, clock, Presence.State.OFFLINE, position, false);
    }

    /** Says of the agent what it can do, or cannot, beside what all agents can. Call before {@link #start}. */
    public void capable(String capability) {
        further.add(capability);
    }

    /** Subscribes and begins to report; the link may be started before or after. */
    public void start() {
        link.listen(new MqttLink.LinkListener() {
            @Override
            public void connected(boolean sessionPresent) {
                execute(DeviceSession.this::greet);
            }
        });
        link.subscribe(topic(DeviceLeaf.PRESENCE), 1, this::onPresence);
        thread.scheduleWithFixedDelay(
                this::reportTelemetry,
                telemetryInterval.toMillis(),
                telemetryInterval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Runs a task now and then again and again on the device's thread; a failure is logged. Ends with the session. */
    public void every(Duration period, Runnable task) {
        thread.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException e) {
                        // A scheduled task that throws would never run again.
                        LOG.errorf(e, "a periodic task of the device failed");
                    }
                },
                0,
                period.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** The desired state of this version is in force. */
    public void inForce(long version) {
        execute(() -> {
            desiredVersion = version;
            report();
        });
    }

    /** A slot is another, be the whole of the desired state in force or not. */
    public void slotsChanged() {
        execute(this::report);
    }

    /** Why the desired state is not in force; empty when it is. */
    public void problem(String reason) {
        execute(() -> {
            if (!reason.equals(problem)) {
                problem = reason;
                report();
            }
        });
    }

    /** A step on the way of a model. */
    public void modelEvent(DeviceEvent.Type type, Slot slot, String reason) {
        events.add(DeviceEvent.newBuilder()
                .setType(type)
                .setSubject("model")
                .setModelDigest(slot.getModelDigest())
                .setCohort(slot.getCohort())
                .setReason(reason));
    }

    /** The disk cannot be relied on any more. */
    public void diskEvent(String reason) {
        events.add(DeviceEvent.newBuilder()
                .setType(DeviceEvent.Type.FAILED)
                .setSubject("disk")
                .setReason(reason));
    }

    /** A step on the way of the agent's own software to another version. */
    public void agentEvent(DeviceEvent.Type type, String version, String reason) {
        events.add(DeviceEvent.newBuilder()
                .setType(type)
                .setSubject("agent")
                .setUpdateVersion(version)
                .setReason(reason));
    }

    /** Says at once what it says now and then: reported state and telemetry. */
    public void reportNow() {
        execute(() -> {
            report();
            reportTelemetry();
        });
    }

    /** Whether the broker has taken a reported state since the agent's start. */
    public boolean reported() {
        return reported;
    }

    /** What became of an update. */
    public void updateEvent(UpdateResult result, Slot slot) {
        DeviceEvent.Builder event = DeviceEvent.newBuilder()
                .setSubject("update")
                .setModelDigest(slot.getModelDigest())
                .setCohort(slot.getCohort());
        if (result instanceof UpdateResult.Applied applied) {
            fill(event, DeviceEvent.Type.APPLIED, applied.version(), applied.revision(), "");
            event.setDurationMs(applied.millis());
        } else if (result instanceof UpdateResult.Rejected rejected) {
            fill(event, DeviceEvent.Type.REJECTED, rejected.version(), rejected.revision(), rejected.reason());
        } else if (result instanceof UpdateResult.RolledBack back) {
            fill(event, DeviceEvent.Type.ROLLED_BACK, back.version(), back.revision(), back.reason());
        } else if (result instanceof UpdateResult.Recalled recalled) {
            fill(event, DeviceEvent.Type.RECALLED, recalled.version(), recalled.revision(), "");
            event.setDurationMs(recalled.millis());
        } else {
            return;
        }
        events.add(event);
        execute(this::report);
    }

    /** Says farewell if connected, and stops the link. */
    @Override
    public void close() {
        thread.shutdown();
        link.close(presence(identity, agentVersion, clock, Presence.State.OFFLINE, identity.current(), true));
        thread.shutdownNow();
    }

    private static void fill(
            DeviceEvent.Builder event, DeviceEvent.Type type, String version, UpdateRevision revision, String reason) {
        event.setType(type)
                .setUpdateVersion(version)
                .setRevision(revision.toMessage())
                .setReason(reason);
    }

    private void greet() {
        publish(presence(identity, agentVersion, clock, Presence.State.ONLINE, identity.current(), false));
        report();
        events.pump();
    }

    /** A will that fires late must not leave a living device marked as gone. */
    private void onPresence(IncomingMessage message) {
        execute(() -> {
            try {
                Presence seen = EnvelopeOpener.openUnsigned(message.payload(), Presence.getDefaultInstance());
                Position now = identity.current();
                boolean mine = seen.getGeneration() == now.generation()
                        && seen.getConnection() == now.connection()
                        && seen.getState() == Presence.State.ONLINE;
                if (!mine && link.connected()) {
                    publish(presence(identity, agentVersion, clock, Presence.State.ONLINE, now, false));
                }
            } catch (EnvelopeException e) {
                LOG.warnf("own presence cannot be read: %s", e.getMessage());
            }
            message.acknowledge();
        });
    }

    private void report() {
        Position position = identity.next();
        ReportedState.Builder state = ReportedState.newBuilder()
                .setDesiredVersion(desiredVersion)
                .setAgentVersion(agentVersion)
                .addAllCapabilities(CAPABILITIES)
                .addAllCapabilities(further)
                .setGeneration(position.generation())
                .setConnection(position.connection())
                .setSequence(position.sequence())
                .setProblem(problem);
        for (ActiveModels.Place place : models.places()) {
            place.holder().lease().ifPresent(lease -> {
                try (lease) {
                    ModelOrigin origin = lease.model().origin();
                    state.addSlots(ReportedSlot.newBuilder()
                            .setModelDigest(lease.model().manifest().digest())
                            .setCohort(origin.cohort())
                            .setChannel(origin.channel())
                            .setUpdateVersion(origin.update())
                            .setRevision(origin.revision().toMessage())
                            .setEngine(lease.model().engine().name()));
                }
            });
        }
        publish(OutgoingMessage.of(topic(DeviceLeaf.REPORTED), sealed(state.build()), 1, true))
                .thenRun(() -> reported = true);
    }

    private void reportTelemetry() {
        if (!link.connected()) {
            return;
        }
        try {
            Position position = identity.next();
            Telemetry.Builder telemetry = Telemetry.newBuilder()
                    .setStartId(startId)
                    .setGeneration(position.generation())
                    .setConnection(position.connection())
                    .setSequence(position.sequence())
                    .setUptimeMs((System.nanoTime() - startedNanos) / 1_000_000);
            telemetrySource.fill(telemetry);
            publish(OutgoingMessage.of(topic(DeviceLeaf.TELEMETRY), sealed(telemetry.build()), 0, false));
        } catch (RuntimeException e) {
            // A scheduled task that throws would never run again.
            LOG.errorf(e, "telemetry could not be sent");
        }
    }

    private CompletionStage<Void> publish(OutgoingMessage message) {
        return link.publish(message).whenComplete((done, failure) -> {
            if (failure != null) {
                // Said again after the next connect.
                LOG.debugf("%s was not published: %s", message.topic(), failure.getMessage());
            }
        });
    }

    private String topic(DeviceLeaf leaf) {
        return Topics.device(identity.tenant(), identity.device(), leaf);
    }

    private byte[] sealed(Message message) {
        return EnvelopeSealer.unsigned(message, clock.millis()).toByteArray();
    }

    private static OutgoingMessage presence(
            DeviceIdentity identity,
            String agentVersion,
            Clock clock,
            Presence.State state,
            Position position,
            boolean expected) {
        Presence presence = Presence.newBuilder()
                .setState(state)
                .setGeneration(position.generation())
                .setConnection(position.connection())
                .setAgentVersion(agentVersion)
                .setExpected(expected)
                .build();
        return OutgoingMessage.of(
                Topics.device(identity.tenant(), identity.device(), DeviceLeaf.PRESENCE),
                EnvelopeSealer.unsigned(presence, clock.millis()).toByteArray(),
                1,
                true);
    }

    private void execute(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debugf("closing: %s", e.getMessage());
        }
    }
}
