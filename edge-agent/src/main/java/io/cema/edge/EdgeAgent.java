package io.cema.edge;

import io.cema.edge.clock.SteadyClock;
import io.cema.edge.cloud.ClientCertificate;
import io.cema.edge.cloud.CloudConnection;
import io.cema.edge.device.ActivatedSlot;
import io.cema.edge.device.AgentMetrics;
import io.cema.edge.device.ArtefactCache;
import io.cema.edge.device.CommandHandler;
import io.cema.edge.device.DeviceIdentity;
import io.cema.edge.device.DeviceSession;
import io.cema.edge.device.ModelProgress;
import io.cema.edge.device.OperatorCommands;
import io.cema.edge.device.PowerMonitor;
import io.cema.edge.device.SlotController;
import io.cema.edge.device.SlotListener;
import io.cema.edge.device.SlotParts;
import io.cema.edge.enrolment.DeviceCertificate;
import io.cema.edge.frame.FramePosition;
import io.cema.edge.frame.FrameSource;
import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceCounter;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.InferenceException;
import io.cema.edge.inference.Prediction;
import io.cema.edge.selection.SampleSelector;
import io.cema.edge.selection.Sampling;
import io.cema.edge.selection.SelectionSettings;
import io.cema.edge.serving.AgentStatus;
import io.cema.edge.serving.AgentStatusSource;
import io.cema.edge.serving.PredictionSink;
import io.cema.edge.serving.ServedImages;
import io.cema.edge.serving.UpdateRecord;
import io.cema.edge.statistics.StatisticsSettings;
import io.cema.edge.statistics.StatisticsUplink;
import io.cema.edge.storage.DiskWatch;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.edge.update.ActiveModels;
import io.cema.edge.update.GuardSettings;
import io.cema.edge.update.UpdateResult;
import io.cema.edge.update.UpdateRevision;
import io.cema.edge.uplink.ByteBudget;
import io.cema.edge.uplink.QuietHours;
import io.cema.edge.uplink.SampleSender;
import io.cema.edge.uplink.SampleSpool;
import io.cema.edge.uplink.UplinkGate;
import io.cema.edge.uplink.UplinkSettings;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Disk;
import io.cema.protocol.message.SelectionPolicy;
import io.cema.protocol.message.Slot;
import io.cema.protocol.message.Telemetry;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.MqttLinkSettings;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.cema.protocol.trace.Tracing;
import io.cema.trt.power.PowerSensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * One edge agent, put together from its parts; usable without a container. Starts without network: what an earlier run
 * left on disk is served at once, the rest follows when broker and cloud can be reached.
 */
public final class EdgeAgent implements AutoCloseable, AgentStatusSource {
    private static final Logger LOG = Logger.getLogger(EdgeAgent.class);
    private static final Duration WILL_DELAY = Duration.ofSeconds(60);
    private static final int RECEIVE_MAXIMUM = 16;
    private static final Duration SAVE_TIME = Duration.ofMinutes(10);

    private final EdgeSettings settings;
    private final PredictionSink sink;
    private final SteadyClock time;
    private final DiskWatch disk;
    private final Problems problems;
    private final AtomicBoolean diskBad = new AtomicBoolean();
    private final String version;
    private final AgentMetrics metrics = new AgentMetrics();
    private final InferenceCounter inferences = new InferenceCounter();
    private final Tracing tracing;
    private final ByteBudget budget;
    private final UplinkGate gate;
    private final DeviceIdentity identity;
    private final MqttLink link;
    private final ActiveModels models;
    private final SampleSpool spool;
    private final SampleSender sender;
    private final DeviceSession session;
    private final SlotController slots;
    private final CommandHandler commands;
    private final Software software;
    private final PowerMonitor power;
    private final StatisticsUplink statistics;
    private final Learnings learnings;
    private final ServedLearning served;
    private final Optional<FrameLoop> frames;
    private final AgentSlotListener listener = new AgentSlotListener();

    /**
     * Opens everything on disk; nothing runs yet.
     *
     * @param models what serves requests; filled and emptied by this agent
     * @param sink where predictions go; not closed by this agent
     * @param time that ages and certificates are judged by; saved by this agent
     * @param disk that of the data folder; not closed by this agent
     * @param restart ends the process so that its supervisor starts it again; empty without one
     * @throws IOException if something on disk cannot be used; the message says what
     */
    public EdgeAgent(
            EdgeSettings settings,
            EngineFactory engines,
            ActiveModels models,
            PredictionSink sink,
            SteadyClock time,
            DiskWatch disk,
            Optional<Runnable> restart)
            throws IOException {
        Clock clock = Clock.systemUTC();
        this.time = time;
        this.disk = disk;
        this.version =
                settings.release().version().orElseGet(() -> AgentBuild.own().version());
        this.settings = settings;
        this.sink = sink;
        this.models = models;
        this.tracing = Tracing.to(
                settings.tracing().endpoint(),
                "cema-edge",
                settings.device().id(),
                settings.tracing().ratio());
        Path data = settings.dataDir();
        Files.createDirectories(data);
        EdgeSettings.Uplink uplink = settings.uplink();
        this.budget = ByteBudget.open(data.resolve("uplink.budget"), uplink.bytesPerHour(), uplink.bytesPerDay());
        this.gate = new UplinkGate(
                uplink.upload(),
                engines.measures(),
                QuietHours.parse(
                        uplink.quietHours().orElse(List.of()),
                        uplink.timeZone().map(QuietHours::zone).orElse(ZoneId.systemDefault())),
                uplink.meteredFile(),
                time);
        TrustedKeys keys = keys(settings.trust().keyFile());
        identity =
                DeviceIdentity.open(data, settings.tenant(), settings.device().id(), time.stamp(), disk.damages());
        Optional<DeviceCertificate> certificate = DeviceCertificate.stored(certificateFolder(settings));
        certificate.ifPresent(enrolled -> identity.enrolled(enrolled.generation()));
        link = MqttLink.create(linkSettings(certificate, clock));
        CloudConnection cloud = cloud(settings, time);
        cloud.problem().ifPresent(problem -> LOG.warnf("nothing can be downloaded: %s", problem));
        spool = SampleSpool.open(
                data.resolve("spool"),
                settings.uplink().spoolMaxBytes(),
                settings.uplink().spoolMaxAge(),
                time,
                disk.damages());
        sender = new SampleSender(
                spool,
                link,
                Topics.device(identity.tenant(), identity.device(), DeviceLeaf.SAMPLES),
                keys,
                budget,
                gate,
                new UplinkSettings(
                        settings.uplink().maxOutstanding(),
                        settings.uplink().partBytes(),
                        settings.uplink().ackTimeout()),
                clock,
                tracing.tracer());
        session = new DeviceSession(
                identity,
                version,
                data,
                link,
                models,
                this::fill,
                settings.device().telemetryInterval(),
                clock,
                disk);
        problems = new Problems(session::problem);
        slots = new SlotController(new SlotParts(
                identity,
                data,
                link,
                keys,
                new ArtefactCache(data.resolve("models"), cloud, disk.damages()),
                inferences.counting(engines),
                models,
                guard(settings.update()),
                settings.update().shadowFrames(),
                settings.inference().maxModels(),
                listener,
                disk.damages(),
                tracing.tracer()));
        commands = new CommandHandler(
                identity,
                data,
                link,
                keys,
                clock,
                disk.damages(),
                new OperatorCommands(session, slots, spool, restart).byName());
        software = Software.of(settings, version, session, cloud, this::healthy, restart);
        statistics = new StatisticsUplink(
                identity,
                data,
                engines,
                link,
                budget,
                gate,
                new StatisticsSettings(uplink.statisticsFrames(), uplink.statisticsInterval()),
                metrics,
                clock);
        session.capable(engines.measures() ? "statistics:batch-norm" : "statistics:not-available-on-this-engine");
        learnings = new Learnings((shadow, own) -> new Learning(
                identity,
                shadow,
                spool,
                sender,
                gate,
                new RawFrames(uplink.rawFrames(), uplink.jpegQuality()),
                statistics,
                sink,
                metrics,
                own,
                disk,
                tracing.tracer()));
        served = new ServedLearning(
                learnings::predicted,
                metrics,
                settings.serving().learningQueueSize(),
                settings.serving().learningImagesPerSecond(),
                clock);
        frames = FrameSources.open(settings.frames(), data, metrics, clock).map(source -> frameLoop(source, data));
        power = PowerMonitor.of(PowerSensors.find(
                settings.power().source(),
                settings.power().sysfs(),
                settings.power().pciBusId()));
    }

    /** Starts serving from disk, connecting, and the frames. Returns at once. */
    public void start() {
        link.subscribe(Topics.device(identity.tenant(), identity.device(), DeviceLeaf.ACK), 1, sender::onAck);
        session.start();
        session.every(power.interval(settings.device().telemetryInterval()), power::sample);
        session.every(SAVE_TIME, time::save);
        commands.start();
        software.start();
        slots.start();
        sender.start();
        statistics.start();
        link.start();
        served.start();
        frames.ifPresent(FrameLoop::start);
        disk.listen(this::diskChanged);
        disk.whenWritable(slots::diskRecovered);
    }

    /** A disk that is full now and low then is one event. */
    private void diskChanged(DiskWatch.State now) {
        problems.set("disk", now.problem());
        boolean before = diskBad.getAndSet(!now.sound());
        if (!now.sound() && !before) {
            session.diskEvent(now.problem());
        }
    }

    /** Stops the frames, says farewell, closes the model in use. What is spooled stays on disk. */
    @Override
    public void close() {
        frames.ifPresent(FrameLoop::close);
        served.close();
        commands.close();
        software.close();
        sender.close();
        statistics.close();
        session.close();
        slots.close();
        power.close();
        tracing.close();
        time.save();
    }

    /** Whether there is a session with the broker. */
    boolean connected() {
        return link.connected();
    }

    /** Whether the agent does what it is for: it is heard, and what it is to run computes. */
    private boolean healthy() {
        return session.reported()
                && (models.present() ? models.places().stream().allMatch(this::computes) : listener.emptied);
    }

    /** A slot without a model is no fault of this software: its model may be on its way, or be none. */
    private boolean computes(ActiveModels.Place place) {
        Optional<ActiveModelHolder.Lease> leased = place.holder().lease();
        if (leased.isEmpty()) {
            return true;
        }
        try (ActiveModelHolder.Lease lease = leased.get()) {
            InferenceEngine engine = lease.model().engine();
            Prediction.fromLogits(engine.logits(new float[engine.inputLength()], 1));
            return true;
        } catch (InferenceException e) {
            LOG.warnf("the model in use in slot %s does not compute: %s", place.slot(), e.getMessage());
            return false;
        }
    }

    /** Where answered requests go to be learnt from. */
    ServedImages servedImages() {
        return served;
    }

    @Override
    public AgentStatus status() {
        List<AgentStatus.Slot> each = slotStatus();
        AgentStatus.Slot first = each.isEmpty() ? AgentStatus.Slot.none("") : each.get(0);
        return new AgentStatus(
                identity.device(),
                metrics.frames(),
                metrics.failedFrames(),
                frames.map(f -> f.state().name()).orElse("NONE"),
                frames.map(FrameLoop::problem).orElse(""),
                frames.map(FrameLoop::nextFrame).orElse(0L),
                sender.uploadedImages(),
                sender.uploadedBytes(),
                sender.acknowledgedImages(),
                sender.deadLetteredImages(),
                new AgentStatus.Spool(spool.images(), spool.bytes(), spool.dropped(), spool.corrupted()),
                new AgentStatus.Uplink(sender.hold().name(), budget.lastHour(), budget.lastDay(), droppedByReason()),
                metrics.downloadedBytes(),
                metrics.updatesApplied(),
                metrics.updatesRefused(),
                first.update(),
                first.epoch(),
                first.revision(),
                first.modelDigest(),
                first.engine(),
                link.connected(),
                problems.text(),
                metrics.skippedByReason(),
                first.entropyMax(),
                inferences.images(),
                powerStatus(),
                first.model(),
                each,
                AgentStatus.Disk.of(disk));
    }

    private List<AgentStatus.Slot> slotStatus() {
        Map<String, ModelProgress> progress = slots.progress().stream()
                .collect(Collectors.toMap(ModelProgress::slot, Function.identity(), (one, other) -> one));
        return models.places().stream()
                .map(place ->
                        slotStatus(AgentStatus.Slot.of(place), progress.getOrDefault(place.slot(), ModelProgress.NONE)))
                .toList();
    }

    private AgentStatus.Slot slotStatus(AgentStatus.Slot served, ModelProgress progress) {
        String model = served.modelDigest();
        return served.counted(
                learnings.entropyMax(model),
                model.isEmpty() ? new AgentMetrics() : learnings.metrics(model),
                AgentStatus.Model.of(progress));
    }

    private Map<String, Long> droppedByReason() {
        return spool.droppedByReason().entrySet().stream()
                .collect(Collectors.toMap(e -> e.getKey().name(), Map.Entry::getValue));
    }

    private AgentStatus.Power powerStatus() {
        PowerMonitor.State state = power.state();
        return new AgentStatus.Power(
                state.sensor(),
                state.problem(),
                state.energySource().name(),
                state.reading().watts(),
                state.joules(),
                state.reading().celsius());
    }

    private void fill(Telemetry.Builder telemetry) {
        metrics.fillInto(telemetry);
        telemetry
                .setUploadedImages(sender.uploadedImages())
                .setUploadedBytes(sender.uploadedBytes())
                .setAcknowledgedImages(sender.acknowledgedImages())
                .setSpoolImages(spool.images())
                .setSpoolBytes(spool.bytes())
                .setDroppedImages(spool.dropped())
                .putAllDropped(droppedByReason())
                .setUplinkHold(sender.hold().name())
                .setUploadedLastHour(budget.lastHour())
                .setUploadedLastDay(budget.lastDay())
                .setInferences(inferences.images());
        DiskWatch.State now = disk.state();
        telemetry.setDisk(Disk.newBuilder()
                .setProblem(now.problem())
                .setFreeBytes(now.freeBytes())
                .setFailedWrites(disk.failedWrites())
                .setDamagedFiles(disk.damages().count()));
        for (AgentStatus.Slot slot : slotStatus()) {
            if (!slot.modelDigest().isEmpty()) {
                telemetry.addSlots(learnings.telemetry(slot.modelDigest(), slot.slot()));
            }
        }
        if (telemetry.getSlotsCount() > 1) {
            // Of different models, so of different things.
            telemetry.clearClasses();
        }
        // Of the same moment as the work done.
        power.sample();
        power.fillInto(telemetry);
    }

    private FrameLoop frameLoop(FrameSource source, Path data) {
        try {
            FramePosition position = FramePosition.open(data.resolve("frames.position"), source.description());
            return new FrameLoop(source, position, settings.frames(), models, learnings::predicted, metrics);
        } catch (IOException e) {
            closeQuietly(source);
            throw new UncheckedIOException("cannot keep the position in " + source.description(), e);
        }
    }

    private static void closeQuietly(FrameSource source) {
        try {
            source.close();
        } catch (IOException e) {
            LOG.debugf("closing %s: %s", source.description(), e.getMessage());
        }
    }

    static TrustedKeys keys(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException("cema.trust.key-file: cannot read " + file.toAbsolutePath()
                    + "; copy the cloud's signing-key.pub.pem there");
        }
        return TrustedKeys.fromPem(file);
    }

    /** Where {@link io.cema.edge.enrolment.Enrolment} keeps what it got. */
    static Path certificateFolder(EdgeSettings settings) {
        return settings.dataDir().resolve("certificate");
    }

    /** The way to the cloud, with the certificate that the enrolment got, else with the one given for the broker. */
    static CloudConnection cloud(EdgeSettings settings, SteadyClock time) {
        EdgeSettings.Tls given = settings.mqtt().tls();
        return new CloudConnection(
                settings.cloud().url(),
                settings.cloud().plainHttp(),
                () -> DeviceCertificate.stored(certificateFolder(settings))
                        .map(DeviceCertificate::forClient)
                        .or(() -> given.trust().flatMap(trust -> given.certificate()
                                .flatMap(own -> given.key().map(key -> new ClientCertificate(trust, own, key))))),
                time::moments);
    }

    private MqttLinkSettings linkSettings(Optional<DeviceCertificate> certificate, Clock clock) {
        EdgeSettings.Mqtt mqtt = settings.mqtt();
        if (mqtt.sessionExpiry().compareTo(WILL_DELAY) < 0) {
            throw new IllegalArgumentException("cema.mqtt.session-expiry is " + mqtt.sessionExpiry()
                    + ", must not be below the will's delay of " + WILL_DELAY);
        }
        MqttLinkSettings base = MqttLinkSettings.of(
                        mqtt.host(), mqtt.port(), identity.tenant() + "-d-" + identity.device())
                .withReceiveMaximum(RECEIVE_MAXIMUM)
                .withSessionExpiry(mqtt.sessionExpiry())
                .withWill(() -> DeviceSession.will(identity, version, clock), WILL_DELAY);
        Optional<MqttLinkSettings.Tls> tls = mqtt.tls()
                .trust()
                .map(trust -> new MqttLinkSettings.Tls(
                        trust,
                        mqtt.tls().certificate(),
                        mqtt.tls().key(),
                        mqtt.tls().verifyHostname(),
                        time::moments))
                .or(() -> certificate.map(own -> new MqttLinkSettings.Tls(
                        own.authority(),
                        Optional.of(own.chain()),
                        Optional.of(own.key()),
                        mqtt.tls().verifyHostname(),
                        time::moments)));
        return tls.map(base::withTls).orElse(base);
    }

    static GuardSettings guard(EdgeSettings.Update update) {
        return new GuardSettings(
                update.guardMinFrames(),
                update.guardMaxEntropyJump(),
                update.guardMaxClassShare(),
                update.guardMaxClassShareRise(),
                update.guardProbationFrames());
    }

    private SelectionSettings selection(int classes, Slot slot) {
        EdgeSettings.Selection own = settings.selection();
        SelectionSettings defaults = SelectionSettings.defaults(classes);
        Sampling sampling = defaults.sampling();
        return new SelectionSettings(
                        classes,
                        own.entropyMaxFraction().orElse(defaults.entropyMaxFraction()),
                        own.entropyMinFraction().orElse(defaults.entropyMinFraction()),
                        own.lambda().orElse(defaults.lambda()),
                        own.warmUpFrames().orElse(defaults.warmUpFrames()),
                        own.maxGrowth().orElse(defaults.maxGrowth()),
                        own.redundancyCosine().orElse(defaults.redundancyCosine()),
                        own.redundancyMomentum().orElse(defaults.redundancyMomentum()),
                        own.similarityThreshold().orElse(defaults.similarityThreshold()),
                        own.maxConsecutiveSkips().orElse(defaults.maxConsecutiveSkips()),
                        own.randomShare().orElse(defaults.randomShare()),
                        new Sampling(
                                own.statisticsBurst().orElse(sampling.statisticsBurst()),
                                own.informativeBurst().orElse(sampling.informativeBurst()),
                                own.slowestInterval().orElse(sampling.slowestInterval()),
                                own.shiftWindow().orElse(sampling.window()),
                                own.shiftDistance().orElse(sampling.shiftDistance())))
                .with(slot.getSelection());
    }

    /** Turns what happens to the slots into selection, reports, counters and lines of the sink. */
    private final class AgentSlotListener implements SlotListener {
        private String ofSlots = "";
        private volatile boolean emptied;
        /** By cohort. */
        private final Map<String, Slot> adapted = new TreeMap<>();

        private final Map<String, String> unfit = new TreeMap<>();

        @Override
        public void wished(DesiredState desired) {
            software.wish(desired);
        }

        @Override
        public void activated(ActivatedSlot activated) {
            Slot wished = activated.slot();
            follow(activated.before(), wished);
            int classes = activated.manifest().classes();
            learnings.activate(
                    wished.getModelDigest(),
                    activated.shadow(),
                    wished.getAdaptation()
                            ? Optional.of(new SampleSelector(selection(classes, wished), seed(), activated.domains()))
                            : Optional.empty());
            session.slotsChanged();
        }

        @Override
        public void removed(Slot slot) {
            learnings.remove(slot.getModelDigest());
            follow(slot, Slot.getDefaultInstance());
            session.slotsChanged();
        }

        @Override
        public void inForce(DesiredState desired) {
            emptied = desired.getSlotsCount() == 0;
            session.inForce(desired.getVersion());
        }

        /** Takes up the upload rules of a slot in place of those of another; the default instance is none. */
        private synchronized void follow(Slot before, Slot now) {
            if (!before.getCohort().equals(now.getCohort())) {
                adapted.remove(before.getCohort());
                unfit.remove(before.getCohort());
                gate.forget(before.getCohort());
            }
            if (!now.getCohort().isEmpty()) {
                adapted.put(now.getCohort(), now);
                unfit.remove(now.getCohort());
                try {
                    gate.follow(
                            now.getCohort(),
                            now.getAdaptation()
                                    ? now.getSelection()
                                    : now.getSelection().toBuilder()
                                            .setUpload(SelectionPolicy.Upload.NO_UPLOAD)
                                            .build());
                } catch (IllegalArgumentException e) {
                    unfit.put(now.getCohort(), e.getMessage());
                }
            }
            EdgeSettings.Uplink own = settings.uplink();
            budget.setLimits(
                    least(SelectionPolicy::getBytesPerHour, own.bytesPerHour()),
                    least(SelectionPolicy::getBytesPerDay, own.bytesPerDay()));
            sender.enable(adapted.isEmpty() || adapted.values().stream().anyMatch(Slot::getAdaptation));
            statistics.enable(adapted.values().stream()
                    .filter(Slot::getAdaptation)
                    .map(Slot::getCohort)
                    .collect(Collectors.toSet()));
            tell();
        }

        /** One link has one budget: the smallest that any slot's policy sets. */
        private long least(ToLongFunction<SelectionPolicy> limit, long own) {
            return adapted.values().stream()
                    .map(Slot::getSelection)
                    .mapToLong(limit)
                    .filter(bytes -> bytes > 0)
                    .min()
                    .orElse(own);
        }

        @Override
        public void model(DeviceEvent.Type type, Slot wished, String reason) {
            session.modelEvent(type, wished, reason);
        }

        @Override
        public void update(UpdateResult result, Slot slot, long bytes) {
            AgentMetrics own = learnings.metrics(slot.getModelDigest());
            metrics.downloaded(bytes);
            if (result instanceof UpdateResult.Applied applied) {
                metrics.updateApplied();
                own.updateApplied();
                LOG.infof("update %s %s applied in %.1f ms", applied.version(), applied.revision(), applied.millis());
                record("APPLIED", slot, applied.version(), applied.revision(), "", bytes, applied.millis());
            } else if (result instanceof UpdateResult.Rejected rejected) {
                metrics.updateRefused();
                own.updateRefused();
                LOG.warnf("update %s %s refused: %s", rejected.version(), rejected.revision(), rejected.reason());
                record("REJECTED", slot, rejected.version(), rejected.revision(), rejected.reason(), bytes, 0);
            } else if (result instanceof UpdateResult.RolledBack back) {
                LOG.warnf("update %s %s rolled back: %s", back.version(), back.revision(), back.reason());
                record("ROLLED_BACK", slot, back.version(), back.revision(), back.reason(), 0, 0);
            } else if (result instanceof UpdateResult.Recalled recalled) {
                LOG.infof(
                        "the view came back: update %s %s in use again after %.1f ms",
                        recalled.version().isEmpty() ? "none" : recalled.version(),
                        recalled.revision(),
                        recalled.millis());
                record("RECALLED", slot, recalled.version(), recalled.revision(), "", 0, recalled.millis());
            } else if (result instanceof UpdateResult.Deferred deferred) {
                LOG.warnf(
                        "update %s %s has to wait for the disk: %s",
                        deferred.version(), deferred.revision(), deferred.reason());
                disk.failed("update " + deferred.version(), new IOException(deferred.reason()));
            } else if (result instanceof UpdateResult.Ignored ignored) {
                LOG.debugf("update %s %s passed over: %s", ignored.version(), ignored.revision(), ignored.reason());
            }
            session.updateEvent(result, slot);
        }

        @Override
        public synchronized void problem(String reason) {
            ofSlots = reason;
            tell();
        }

        /** What keeps the desired state from being in force, and what of the policies cannot be followed. */
        private void tell() {
            problems.set(
                    "model",
                    Stream.concat(Stream.of(ofSlots), unfit.values().stream())
                            .filter(reason -> !reason.isEmpty())
                            .collect(Collectors.joining("; ")));
        }

        private void record(
                String event,
                Slot slot,
                String version,
                UpdateRevision revision,
                String reason,
                long bytes,
                double millis) {
            sink.update(new UpdateRecord(
                    event,
                    version,
                    revision.revision(),
                    reason,
                    frames.map(FrameLoop::nextFrame).orElse(0L),
                    System.currentTimeMillis(),
                    bytes,
                    millis,
                    slot.getCohort()));
        }

        private long seed() {
            return settings.selection().seed().orElseGet(() -> new SecureRandom().nextLong());
        }
    }
}
