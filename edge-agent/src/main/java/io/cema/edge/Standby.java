package io.cema.edge;

import io.cema.edge.cloud.CloudConnection;
import io.cema.edge.device.AgentMetrics;
import io.cema.edge.device.ArtefactCache;
import io.cema.edge.device.ModelProgress;
import io.cema.edge.device.StoredModel;
import io.cema.edge.inference.EngineFactory;
import io.cema.edge.serving.AgentStatus;
import io.cema.edge.storage.DiskWatch;
import io.cema.edge.update.ActiveModels;
import io.cema.protocol.mqtt.Backoff;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Serves what lies on the disk while the rest of the agent cannot start, says why, and starts the rest as soon as it can. On
 * a disk that cannot be written the agent has no way to count its connections, hence no session with the broker.
 */
final class Standby implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Standby.class);
    private static final Duration LOOK = Duration.ofSeconds(2);

    private final EdgeSettings settings;
    private final DiskWatch disk;
    private final ActiveModels models;
    private final EngineFactory engines;
    private final Start rest;
    private final Backoff backoff = new Backoff(LOOK, Duration.ofMinutes(1), new SplittableRandom());
    private final Thread thread = new Thread(this::run, "cema-standby");
    private volatile String problem = "";
    private volatile List<ModelProgress> slots = List.of();

    /** Starts all of the agent, or fails and leaves nothing behind. */
    interface Start {
        void run() throws IOException, InterruptedException;
    }

    Standby(EdgeSettings settings, DiskWatch disk, ActiveModels models, EngineFactory engines, Start rest) {
        this.settings = settings;
        this.disk = disk;
        this.models = models;
        this.engines = engines;
        this.rest = rest;
        thread.setDaemon(true);
    }

    /**
     * Puts in use what is there; blocks.
     *
     * @throws IOException if the key that it must be signed with cannot be read
     */
    void serve() throws IOException {
        slots = new StoredModel(
                        settings.tenant(),
                        settings.device().id(),
                        settings.dataDir(),
                        EdgeAgent.keys(settings.trust().keyFile()),
                        new ArtefactCache(settings.dataDir().resolve("models"), nowhere(), disk.damages()),
                        disk.damages())
                .serve(
                        engines,
                        models,
                        EdgeAgent.guard(settings.update()),
                        settings.inference().maxModels());
    }

    /** Nothing is fetched before the rest of the agent has started. */
    private CloudConnection nowhere() {
        return new CloudConnection(settings.cloud().url(), settings.cloud().plainHttp(), Optional::empty, List::of);
    }

    /** @param cause why the rest of the agent did not start */
    void start(Exception cause) {
        failed(cause);
        thread.start();
    }

    /** What there is to say while the rest of the agent has not started. */
    AgentStatus status() {
        List<ModelProgress> outcomes = slots;
        String unserved = outcomes.stream()
                .filter(slot -> slot.state() == ModelProgress.State.FAILED)
                .map(slot -> "; slot " + slot.slot() + ": model " + slot.digest() + " " + slot.reason()
                        + "; it is fetched anew when the rest of the agent has started")
                .collect(Collectors.joining());
        return AgentStatus.ofStandby(
                settings.device().id(),
                models.places().stream()
                        .map(place -> outcomes.stream()
                                .filter(slot -> slot.slot().equals(place.slot()))
                                .findFirst()
                                .map(slot -> AgentStatus.Slot.of(place)
                                        .counted(0, new AgentMetrics(), AgentStatus.Model.of(slot)))
                                .orElseGet(() -> AgentStatus.Slot.of(place)))
                        .toList(),
                problem + unserved,
                AgentStatus.Disk.of(disk));
    }

    /** What there is to say before it is known whether the agent starts. */
    static AgentStatus starting(EdgeSettings settings, DiskWatch disk) {
        return AgentStatus.ofStandby(settings.device().id(), List.of(), "starting", AgentStatus.Disk.of(disk));
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (true) {
                if (!disk.look().writable()) {
                    problem = disk.state().problem() + "; served from disk alone";
                    Thread.sleep(LOOK.toMillis());
                } else if (started()) {
                    return;
                } else {
                    Thread.sleep(backoff.next().toMillis());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean started() throws InterruptedException {
        try {
            rest.run();
            LOG.info("the rest of the agent has started");
            return true;
        } catch (IOException | RuntimeException e) {
            failed(e);
            return false;
        }
    }

    private void failed(Exception cause) {
        String reason = cause instanceof UncheckedIOException && cause.getCause() != null
                ? cause.getMessage() + ": " + cause.getCause().getMessage()
                : String.valueOf(cause.getMessage());
        String before = problem;
        DiskWatch.State now = disk.look();
        problem = (now.problem().isEmpty() ? "" : now.problem() + "; ") + "served from disk alone: " + reason;
        if (!problem.equals(before)) {
            LOG.errorf("the agent serves what is on its disk, and cannot start the rest: %s", problem);
        }
    }
}
