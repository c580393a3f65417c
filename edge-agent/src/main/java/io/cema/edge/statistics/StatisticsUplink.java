package io.cema.edge.statistics;

import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.edge.device.AgentMetrics;
import io.cema.edge.device.DeviceIdentity;
import io.cema.edge.device.DeviceIdentity.Position;
import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.Prediction;
import io.cema.edge.update.ModelOrigin;
import io.cema.edge.uplink.ByteBudget;
import io.cema.edge.uplink.UplinkGate;
import io.cema.protocol.message.StatisticsReport;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.OutgoingMessage;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * From answered frames to reports at the broker, of each slot while its rules say statistics. A report is written down,
 * paid for from the upload budget, sent one at a time, and forgotten at the PUBACK: one that a broker loses is made good by
 * the next. Frames are held in memory, by slot, until their batch is measured, on one thread that serving does not wait
 * for: one model at a time is loaded a second time. A batch that comes while one of its slot waits is dropped.
 */
public final class StatisticsUplink implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(StatisticsUplink.class);
    private static final long TICK_MILLIS = 500;

    private final DeviceIdentity identity;
    private final ModelFiles models;
    private final ReportSpool spool;
    private final StatisticsMeter meter;
    private final MqttLink link;
    private final ByteBudget budget;
    private final UplinkGate gate;
    private final Clock clock;
    private final AgentMetrics metrics;
    private final StatisticsSettings settings;
    private final String topic;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread created = new Thread(task, "cema-statistics");
        created.setDaemon(true);
        created.setPriority(Thread.MIN_PRIORITY);
        return created;
    });
    /** Slots that a batch is being measured of, or waits. */
    private final Set<String> measuring = ConcurrentHashMap.newKeySet();
    /** By slot; replaced as a whole. */
    private volatile Map<String, FrameCollector> collectors = Map.of();
    /** Confined to the thread. */
    private boolean inFlight;

    /**
     * @param data the agent's folder: models are read from it, reports are kept in it
     * @param engines that serve
     */
    public StatisticsUplink(
            DeviceIdentity identity,
            Path data,
            EngineFactory engines,
            MqttLink link,
            ByteBudget budget,
            UplinkGate gate,
            StatisticsSettings settings,
            AgentMetrics metrics,
            Clock clock)
            throws IOException {
        this.identity = identity;
        this.models = new ModelFiles(data.resolve("models"));
        this.spool = ReportSpool.open(data.resolve("statistics"));
        this.meter = new StatisticsMeter(engines);
        this.link = link;
        this.budget = budget;
        this.gate = gate;
        this.settings = settings;
        this.metrics = metrics;
        this.clock = clock;
        this.topic = Topics.device(identity.tenant(), identity.device(), DeviceLeaf.STATISTICS);
    }

    /** Starts sending what is on disk, and what comes. */
    public void start() {
        thread.scheduleWithFixedDelay(this::sendSafely, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * The slots that are adapted, by cohort. Of others nothing is taken, and what was taken and is not measured yet is
     * forgotten; while there is none nothing is sent.
     */
    public synchronized void enable(Set<String> slots) {
        Map<String, FrameCollector> before = collectors;
        collectors = slots.stream()
                .collect(Collectors.toUnmodifiableMap(
                        Function.identity(),
                        slot -> before.containsKey(slot) ? before.get(slot) : new FrameCollector(settings)));
    }

    /**
     * One answered frame. Any thread; returns at once.
     *
     * @param input as the model took it; not written to by anybody afterwards
     */
    public void predicted(String modelDigest, ModelOrigin origin, float[] input, Prediction prediction) {
        FrameCollector collector = collectors.get(origin.cohort());
        if (collector == null) {
            return;
        }
        if (!gate.statisticsAllowed(origin.cohort())) {
            collector.clear();
            return;
        }
        collector.add(modelDigest, origin, input, prediction, System.nanoTime()).ifPresent(this::hand);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void hand(FrameBatch batch) {
        String slot = batch.origin().cohort();
        if (!measuring.add(slot)) {
            metrics.skipped("STATISTICS_BEHIND");
            return;
        }
        try {
            thread.execute(() -> {
                try {
                    measure(batch);
                } finally {
                    measuring.remove(slot);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debugf("statistics are closed: %s", e.getMessage());
        }
    }

    private void measure(FrameBatch batch) {
        try {
            Position place = identity.next();
            StatisticsReport report = meter.measure(models.of(batch.modelDigest()), batch)
                    .setReportId(UlidCreator.getMonotonicUlid().toString())
                    .setGeneration(place.generation())
                    .setConnection(place.connection())
                    .setSequence(place.sequence())
                    .build();
            spool.add(report);
        } catch (IOException | RuntimeException e) {
            // The next batch tries again; serving is not touched.
            metrics.skipped("STATISTICS_FAILED");
            LOG.warnf("no statistics of %d frames: %s", batch.frames(), e.toString());
            return;
        }
        sendSafely();
    }

    private void sendSafely() {
        try {
            send();
        } catch (IOException | RuntimeException e) {
            // The next tick tries again; a scheduled task that throws would never run again.
            LOG.errorf(e, "statistics could not be sent");
        }
    }

    private void send() throws IOException {
        boolean open = !collectors.isEmpty() && gate.closed().isEmpty() && link.connected();
        Optional<StatisticsReport> next = open && !inFlight
                ? spool.oldest(report -> gate.statisticsAllowed(report.getCohort()))
                : Optional.empty();
        if (next.isEmpty()) {
            return;
        }
        String id = next.get().getReportId();
        byte[] payload = EnvelopeSealer.unsigned(next.get(), clock.millis()).toByteArray();
        switch (budget.take(payload.length)) {
            case NOW -> {
                inFlight = true;
                link.publish(OutgoingMessage.of(topic, payload, 1, false))
                        .whenComplete((done, failure) -> execute(() -> sent(id, failure)));
            }
            case NEVER -> {
                LOG.warnf("a report of %d bytes is more than the upload budget allows at all", payload.length);
                spool.remove(id);
            }
            case LATER -> {
                // asked again at the next tick
            }
        }
    }

    private void sent(String id, Throwable failure) {
        inFlight = false;
        if (failure != null) {
            LOG.debugf("report %s did not reach the broker: %s", id, failure.getMessage());
            return;
        }
        try {
            spool.remove(id);
        } catch (IOException e) {
            LOG.errorf(e, "report %s is sent but cannot be forgotten", id);
            return;
        }
        sendSafely();
    }

    private void execute(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debugf("statistics are closed: %s", e.getMessage());
        }
    }
}
