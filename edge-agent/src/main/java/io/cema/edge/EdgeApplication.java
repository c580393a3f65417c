package io.cema.edge;

import io.cema.edge.clock.SteadyClock;
import io.cema.edge.enrolment.DeviceCertificate;
import io.cema.edge.enrolment.Enrolment;
import io.cema.edge.inference.EngineFactory;
import io.cema.edge.serving.Admission;
import io.cema.edge.serving.AgentGauges;
import io.cema.edge.serving.AgentStatusSource;
import io.cema.edge.serving.InferenceDesk;
import io.cema.edge.serving.JsonLinesSink;
import io.cema.edge.serving.PredictionRecord;
import io.cema.edge.serving.PredictionSink;
import io.cema.edge.serving.PredictionStream;
import io.cema.edge.serving.ServingLimits;
import io.cema.edge.serving.SlotMeters;
import io.cema.edge.serving.UpdateRecord;
import io.cema.edge.serving.batch.BatchSettings;
import io.cema.edge.serving.batch.MicroBatcher;
import io.cema.edge.storage.DiskWatch;
import io.cema.edge.update.ActiveModels;
import io.cema.protocol.enrolment.ClaimToken;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Ties the agent to the container: settings in, beans for the endpoints out, start and stop. */
@ApplicationScoped
class EdgeApplication {
    private static final Logger LOG = Logger.getLogger(EdgeApplication.class);

    /** EX_TEMPFAIL: systemd's Restart=on-failure and the launcher's own loop start the agent again. */
    private static final int RESTART = 75;

    private final EdgeSettings settings;
    private final MeterRegistry registry;
    private final Vertx vertx;
    private final ActiveModels models = new ActiveModels();
    private final SlotMeters meters;
    private final PredictionStream stream = new PredictionStream();
    private Optional<JsonLinesSink> lines = Optional.empty();
    private final MicroBatcher batcher;
    private final DiskWatch disk;
    private SteadyClock time;
    private EngineFactory engines;
    private Enrolment enrolment;
    private Optional<Standby> standby = Optional.empty();
    /** Empty until all of it could be opened. */
    private volatile Optional<EdgeAgent> agent = Optional.empty();

    EdgeApplication(EdgeSettings settings, MeterRegistry registry, Vertx vertx) {
        this.settings = settings;
        this.registry = registry;
        this.vertx = vertx;
        this.meters = new SlotMeters(registry);
        this.disk = new DiskWatch(settings.dataDir(), settings.disk().minFreeBytes());
        this.batcher = new MicroBatcher(batches(settings));
    }

    void start(@Observes StartupEvent event) throws IOException, InterruptedException {
        if (!vertx.isNativeTransportEnabled()) {
            LOG.info(
                    "HTTP goes by Java's selectors: no native transport for this system, or its library cannot be loaded"
                            + " from the folder for temporary files");
        }
        time = SteadyClock.open(
                settings.dataDir().resolve("clock"), AgentBuild.own().time(), Clock.systemUTC());
        engines = EngineChoice.of(settings.inference(), settings.dataDir());
        disk.look();
        disk.start();
        AgentGauges.register(registry, disk);
        try {
            startAgent();
        } catch (IOException | UncheckedIOException e) {
            if (!standsBy(e)) {
                throw e;
            }
        }
    }

    /** What lies on the disk is served if the disk alone is to blame, or if there is something to serve. */
    private boolean standsBy(Exception cause) throws IOException {
        Standby waiting = new Standby(settings, disk, models, engines, this::startAgent);
        waiting.serve();
        if (disk.look().writable() && !models.present()) {
            return false;
        }
        standby = Optional.of(waiting);
        waiting.start(cause);
        return true;
    }

    private void startAgent() throws IOException, InterruptedException {
        Path certificates = EdgeAgent.certificateFolder(settings);
        Optional<ClaimToken> claim = settings.enrol().claim().map(ClaimToken::parse);
        if (claim.isPresent() || DeviceCertificate.stored(certificates).isPresent()) {
            enrolment = new Enrolment(
                    certificates,
                    settings.tenant(),
                    settings.device().id(),
                    claim,
                    EdgeAgent.cloud(settings, time),
                    time);
            enrolment.ensure();
        }
        if (lines.isEmpty() && settings.sink().path().isPresent()) {
            lines = Optional.of(new JsonLinesSink(settings.sink().path().get()));
        }
        EdgeAgent opened = new EdgeAgent(settings, engines, models, new Sinks(), time, disk, restart());
        agent = Optional.of(opened);
        opened.start();
        AgentGauges.register(registry, opened);
        if (enrolment != null) {
            enrolment.start(opened::connected);
        }
    }

    void stop(@Observes ShutdownEvent event) throws IOException {
        LOG.info("stopping");
        batcher.close();
        standby.ifPresent(Standby::close);
        if (enrolment != null) {
            enrolment.close();
        }
        agent.ifPresent(EdgeAgent::close);
        if (engines != null) {
            models.arrange(List.of());
            engines.close();
        }
        disk.close();
        if (lines.isPresent()) {
            lines.get().close();
        }
    }

    /** Ends the process in order, with a status on which a supervisor starts it again. */
    private Optional<Runnable> restart() {
        return settings.release().supervised() ? Optional.of(() -> Quarkus.asyncExit(RESTART)) : Optional.empty();
    }

    @Produces
    @Singleton
    ActiveModels models() {
        return models;
    }

    @Produces
    @Singleton
    InferenceDesk desk() {
        return new InferenceDesk(
                models,
                batcher,
                request -> agent.ifPresent(a -> a.servedImages().served(request)));
    }

    @Produces
    @Singleton
    Admission admission() {
        return new Admission(settings.serving().maxRequests());
    }

    @Produces
    @Singleton
    ServingLimits limits() {
        return new ServingLimits(settings.serving().maxBodyBytes());
    }

    @Produces
    @Singleton
    PredictionStream stream() {
        return stream;
    }

    @Produces
    @Singleton
    AgentStatusSource status() {
        return () -> agent.map(EdgeAgent::status)
                .or(() -> standby.map(Standby::status))
                .orElseGet(() -> Standby.starting(settings, disk));
    }

    private static BatchSettings batches(EdgeSettings settings) {
        EdgeSettings.Serving serving = settings.serving();
        int room = Math.max(
                1,
                Runtime.getRuntime().availableProcessors()
                        / settings.inference().threads());
        return new BatchSettings(
                serving.concurrency().orElse(room),
                serving.batchSize(),
                serving.batchDelay(),
                serving.queueSize(),
                serving.inPlace());
    }

    /** The file, if there is one, and whoever listens. */
    private final class Sinks implements PredictionSink {
        @Override
        public void prediction(PredictionRecord prediction) {
            lines.ifPresent(l -> l.prediction(prediction));
            stream.prediction(prediction);
            meters.prediction(prediction);
        }

        @Override
        public void update(UpdateRecord update) {
            lines.ifPresent(l -> l.update(update));
            stream.update(update);
            meters.update(update);
        }
    }
}
