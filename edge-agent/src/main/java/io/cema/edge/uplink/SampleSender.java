package io.cema.edge.uplink;

import io.cema.edge.uplink.ByteBudget.Grant;
import io.cema.protocol.message.SampleAck;
import io.cema.protocol.mqtt.IncomingMessage;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.OutgoingMessage;
import io.cema.protocol.signature.EnvelopeException;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.thread.DaemonThreads;
import io.cema.protocol.trace.TraceParent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * Empties the spool towards the cloud. Only the cloud's SampleAck removes a sample; a PUBACK is the broker's word and
 * merely starts the clock for sending it again. What is outstanding is bounded, and every sample is paid for from the
 * byte budget.
 *
 * <p>All state lives on one thread of its own, which does the file I/O. The public methods may be called from anywhere
 * and return at once.
 */
public final class SampleSender implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(SampleSender.class);
    private static final int MAX_BACK_OFF = 5;
    private static final long TICK_MILLIS = 250;

    private final SampleSpool spool;
    private final MqttLink link;
    private final String samplesTopic;
    private final TrustedKeys keys;
    private final ByteBudget budget;
    private final UplinkGate gate;
    private final UplinkSettings settings;
    private final Clock clock;
    private final Tracer tracer;
    private final ScheduledExecutorService thread = DaemonThreads.timer("cema-uplink");
    private final AtomicBoolean pumpQueued = new AtomicBoolean();
    /** Samples on their way or sent, confined to the thread. */
    private final Map<String, Flight> flights = new HashMap<>();
    /** Samples of slots whose images may not leave the device, confined to the thread. */
    private final Set<String> heldBack = new HashSet<>();
    /** The gate's rules that hold them back. */
    private Object heldBackBy;

    private final AtomicLong uploadedImages = new AtomicLong();
    private final AtomicLong uploadedBytes = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong deadLettered = new AtomicLong();
    private volatile boolean enabled = true;
    private volatile Hold hold = Hold.NONE;

    private static final class Flight {
        int tries;
        /** Broker has all parts; the clock for sending again runs from {@link #sentNanos}. */
        boolean sent;
        /** To be sent (again) as soon as link and budget allow. */
        boolean due = true;

        long sentNanos;
        /** From the first try to the cloud's answer. */
        final Span span;

        Flight(Span span) {
            this.span = span;
        }
    }

    /**
     * @param samplesTopic the device's topic for samples
     * @param keys who may sign an ack
     * @param tracer of the uploads of traced frames
     */
    public SampleSender(
            SampleSpool spool,
            MqttLink link,
            String samplesTopic,
            TrustedKeys keys,
            ByteBudget budget,
            UplinkGate gate,
            UplinkSettings settings,
            Clock clock,
            Tracer tracer) {
        this.spool = spool;
        this.link = link;
        this.samplesTopic = samplesTopic;
        this.keys = keys;
        this.budget = budget;
        this.gate = gate;
        this.settings = settings;
        this.clock = clock;
        this.tracer = tracer;
    }

    /** Starts sending. */
    public void start() {
        thread.scheduleWithFixedDelay(this::pumpSafely, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
        link.listen(new MqttLink.LinkListener() {
            @Override
            public void connected(boolean sessionPresent) {
                wake();
            }
        });
    }

    /** Says that the spool has something new. */
    public void wake() {
        if (pumpQueued.compareAndSet(false, true)) {
            execute(this::pumpSafely);
        }
    }

    /** While disabled nothing is sent; the spool stays as it is. */
    public void enable(boolean on) {
        enabled = on;
        wake();
    }

    /** Handles a message of the device's ack topic; it is acknowledged once the spool has obeyed it. */
    public void onAck(IncomingMessage message) {
        execute(() -> {
            try {
                SampleAck ack = EnvelopeOpener.openSigned(
                        message.topic(), message.payload(), SampleAck.getDefaultInstance(), keys);
                for (SampleAck.Entry entry : ack.getEntriesList()) {
                    settle(entry);
                }
            } catch (EnvelopeException e) {
                LOG.warnf("untrusted SampleAck on %s: %s", message.topic(), e.getMessage());
            }
            message.acknowledge();
            pumpSafely();
        });
    }

    /** Why the spool is not being emptied. */
    public Hold hold() {
        return hold;
    }

    /** Samples the broker has taken whole, each counted once. */
    public long uploadedImages() {
        return uploadedImages.get();
    }

    /** MQTT payload bytes of samples the broker has taken, repeated ones included. */
    public long uploadedBytes() {
        return uploadedBytes.get();
    }

    /** Samples the cloud says are durable. */
    public long acknowledgedImages() {
        return acknowledged.get();
    }

    /** Samples the cloud has refused for good. */
    public long deadLetteredImages() {
        return deadLettered.get();
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void settle(SampleAck.Entry entry) {
        switch (entry.getOutcome()) {
            case DURABLE -> {
                if (spool.remove(entry.getSampleId())) {
                    acknowledged.incrementAndGet();
                }
            }
            case DEAD_LETTERED -> {
                if (spool.remove(entry.getSampleId())) {
                    deadLettered.incrementAndGet();
                    LOG.warnf("the cloud refused sample %s: %s", entry.getSampleId(), entry.getReason());
                }
            }
            default -> {
                // An outcome of a later version: not ours to act on, the sample stays.
                LOG.warnf("SampleAck for %s has unknown outcome %s", entry.getSampleId(), entry.getOutcomeValue());
                return;
            }
        }
        Flight flight = flights.remove(entry.getSampleId());
        if (flight != null) {
            flight.span
                    .setAttribute("cema.outcome", entry.getOutcome().name())
                    .setAttribute("cema.tries", flight.tries)
                    .end();
        }
    }

    private void execute(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debugf("uplink is closed: %s", e.getMessage());
        }
    }

    private void pumpSafely() {
        pumpQueued.set(false);
        try {
            pump();
        } catch (RuntimeException e) {
            // The next tick tries again; a scheduled task that throws would never run again.
            LOG.errorf(e, "uplink could not go on with the spool");
        }
    }

    private void pump() {
        spool.expire();
        hold = send();
    }

    /** @return what it stopped at */
    private Hold send() {
        if (!enabled) {
            return Hold.ADAPTATION_OFF;
        }
        Optional<Hold> closed = gate.hold();
        if (closed.isPresent()) {
            return closed.get();
        }
        if (!link.connected()) {
            return Hold.OFFLINE;
        }
        flights.keySet().removeIf(id -> !spool.contains(id));
        flights.values().forEach(this::markIfOverdue);
        Object rules = gate.rules();
        if (rules != heldBackBy) {
            heldBackBy = rules;
            heldBack.clear();
        }
        heldBack.removeIf(id -> !spool.contains(id));
        int outstanding = (int) flights.values().stream().filter(f -> !f.due).count();
        int room = Math.max(0, settings.maxOutstanding() - outstanding);
        for (SampleSpool.Entry entry : spool.best(room, this::toBeSent)) {
            Grant grant = budget.ask(entry.size());
            Optional<SpooledSample> sample = grant == Grant.NOW ? spool.read(entry.id()) : Optional.empty();
            if (sample.isPresent()) {
                if (!gate.imagesAllowed(sample.get().info().getCohort())) {
                    heldBack.add(entry.id());
                    continue;
                }
                grant = send(sample.get());
            }
            if (grant == Grant.LATER) {
                return Hold.BUDGET;
            }
            if (grant == Grant.NEVER) {
                spool.drop(entry.id(), SampleSpool.Drop.LARGER_THAN_BUDGET);
                LOG.warnf(
                        "sample %s of %d bytes is more than the upload budget allows at all", entry.id(), entry.size());
            }
        }
        return room == 0 ? Hold.UNACKNOWLEDGED : Hold.NONE;
    }

    private boolean toBeSent(String id) {
        Flight flight = flights.get(id);
        return (flight == null || flight.due) && !heldBack.contains(id);
    }

    private void markIfOverdue(Flight flight) {
        long timeout = settings.ackTimeout().toNanos() << Math.min(flight.tries - 1, MAX_BACK_OFF);
        if (flight.sent && System.nanoTime() - flight.sentNanos > timeout) {
            flight.sent = false;
            flight.due = true;
        }
    }

    /** Sends the sample if the budget has room for its messages, every byte of which counts, sent again or not. */
    private Grant send(SpooledSample sample) {
        List<byte[]> payloads = SampleParts.payloads(sample, settings.partBytes(), clock.millis());
        long bytes = payloads.stream().mapToLong(payload -> payload.length).sum();
        Grant grant = budget.take(bytes);
        if (grant != Grant.NOW) {
            return grant;
        }
        String traceParent = sample.info().getTraceParent();
        Flight flight = flights.computeIfAbsent(
                sample.id(), id -> new Flight(TraceParent.start(tracer, traceParent, "upload", SpanKind.PRODUCER)));
        Map<String, String> properties = traceParent.isEmpty() ? Map.of() : Map.of(TraceParent.NAME, traceParent);
        flight.due = false;
        CompletableFuture<?>[] parts = payloads.stream()
                .map(payload -> link.publish(OutgoingMessage.of(samplesTopic, payload, 1, false)
                                .withUserProperties(properties))
                        .toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(parts)
                .whenComplete((done, failure) -> execute(() -> published(sample.id(), flight, bytes, failure)));
        return Grant.NOW;
    }

    private void published(String id, Flight flight, long bytes, Throwable failure) {
        if (failure != null) {
            LOG.debugf("sample %s did not reach the broker: %s", id, failure.getMessage());
            flight.due = true;
            return;
        }
        uploadedBytes.addAndGet(bytes);
        if (flight.tries == 0) {
            uploadedImages.incrementAndGet();
        }
        flight.tries++;
        flight.sent = true;
        flight.sentNanos = System.nanoTime();
        wake();
    }
}
