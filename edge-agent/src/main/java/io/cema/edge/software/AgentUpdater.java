package io.cema.edge.software;

import io.cema.edge.cloud.CloudConnection;
import io.cema.edge.device.ArtefactCache;
import io.cema.edge.device.ArtefactException;
import io.cema.protocol.message.AgentPackage;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.mqtt.Backoff;
import io.cema.protocol.signature.PackageSignature;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.thread.DaemonThreads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Brings the agent to the version that the desired state names: fetches its package, checks digest and signature, unpacks it
 * beside the running one, and ends the agent so that the launcher tries it. A version that did not work out is reported and
 * not tried again until another is wished, or none. All work happens on one thread of its own.
 */
public final class AgentUpdater implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(AgentUpdater.class);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final ScheduledExecutorService thread = DaemonThreads.timer("cema-software");
    private final Backoff backoff = new Backoff(Duration.ofSeconds(5), Duration.ofHours(1), new SplittableRandom());
    private final SoftwareSettings settings;
    private final ReleaseFolders folders;
    private final ArtefactCache packages;
    private final SoftwareListener listener;
    private final BooleanSupplier healthy;
    private final Runnable restart;

    // Confined to the thread.
    private DesiredState wished = DesiredState.getDefaultInstance();
    private final Set<String> told = new HashSet<>();
    private Optional<Future<?>> next = Optional.empty();

    /**
     * @param healthy whether the agent does what it is for; asked again and again while it is on trial
     * @param restart ends the agent so that its launcher starts it again; returns at once
     */
    public AgentUpdater(
            SoftwareSettings settings,
            CloudConnection cloud,
            SoftwareListener listener,
            BooleanSupplier healthy,
            Runnable restart) {
        this.settings = settings;
        this.folders = new ReleaseFolders(settings.folder(), settings.running());
        this.packages = new ArtefactCache(folders.downloads(), cloud);
        this.listener = listener;
        this.healthy = healthy;
        this.restart = restart;
    }

    /** Reports what the launcher came back from, and confirms this version if it is on trial and healthy. */
    public void start() {
        execute(() -> {
            folders.newFailure().ifPresent(failed -> {
                LOG.errorf("agent %s did not work out: %s", failed.version(), failed.reason());
                listener.agent(DeviceEvent.Type.ROLLED_BACK, failed.version(), failed.reason());
            });
            if (folders.onTrial()) {
                LOG.infof("agent %s is on trial", settings.version());
                confirmWhenHealthy();
            }
        });
    }

    /** What is wished now. Any thread. */
    public void wish(DesiredState desired) {
        execute(() -> {
            if (!desired.getAgentVersion().equals(wished.getAgentVersion())) {
                told.clear();
                backoff.reset();
            }
            wished = desired;
            reach();
        });
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void confirmWhenHealthy() throws IOException {
        if (!healthy.getAsBoolean()) {
            later(this::confirmWhenHealthy, LOOK);
            return;
        }
        folders.confirm();
        LOG.infof("agent %s is healthy: confirmed", settings.version());
        listener.agent(DeviceEvent.Type.APPLIED, settings.version(), "");
        reach();
    }

    private void reach() throws IOException {
        next.ifPresent(earlier -> earlier.cancel(false));
        String version = wished.getAgentVersion();
        Optional<ReleaseFolders.Failure> refused = folders.refused();
        if (refused.isPresent() && !refused.get().version().equals(version)) {
            folders.forgetRefused();
            refused = Optional.empty();
        }
        // While this one is on trial the other folder holds the way back.
        if (version.isEmpty() || version.equals(settings.version()) || refused.isPresent() || folders.onTrial()) {
            return;
        }
        try {
            install(find(version));
        } catch (ArtefactException | PackageRefusedException e) {
            fail(version, e);
        } catch (IOException e) {
            LOG.warnf("agent %s has to wait: %s", version, e.getMessage());
            next = later(this::reach, backoff.next());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private AgentPackage find(String version) throws PackageRefusedException {
        AgentPackage found = wished.getAgentPackagesList().stream()
                .filter(p -> p.getPlatform().equals(settings.platform()))
                .findFirst()
                .orElseThrow(() -> new PackageRefusedException(
                        "there is no package of " + version + " for " + settings.platform()));
        TrustedKeys keys = settings.keys()
                .orElseThrow(() -> new PackageRefusedException(
                        "this device pins no release key, so it takes no package (cema.release.key-file)"));
        if (!found.getVersion().equals(version) || !PackageSignature.holds(found, keys)) {
            throw new PackageRefusedException("the package of " + version + " for " + settings.platform()
                    + " is not signed by the pinned release key " + keys.keys().keySet());
        }
        return found;
    }

    private void install(AgentPackage wanted) throws IOException, InterruptedException {
        tell(DeviceEvent.Type.DOWNLOADING, wanted.getVersion(), "");
        packages.keepOnly(Set.of(wanted.getSha256()));
        Path archive = packages.fetchFile(wanted.getSha256(), wanted.getSize());
        tell(DeviceEvent.Type.DOWNLOADED, wanted.getVersion(), "");
        String slot = folders.free();
        Path folder = folders.slot(slot);
        try {
            new PackageArchive(folder, settings.freeBytes()).unpack(archive);
        } catch (IOException e) {
            throw new PackageRefusedException("the package of " + wanted.getVersion() + ": " + e.getMessage(), e);
        }
        requireVersion(folder, wanted.getVersion());
        packages.keepOnly(Set.of());
        tell(DeviceEvent.Type.VERIFIED, wanted.getVersion(), "");
        folders.tryOut(slot);
        LOG.infof("agent %s is in folder %s; restarting to try it", wanted.getVersion(), slot);
        restart.run();
    }

    private static void requireVersion(Path folder, String version) throws IOException {
        Path said = folder.resolve("version");
        if (!Files.isRegularFile(said) || !Files.readString(said).strip().equals(version)) {
            throw new PackageRefusedException(
                    "the package of " + version + " says in its file `version` that it is another");
        }
        if (!Files.isExecutable(folder.resolve("bin/cema-edge"))) {
            throw new PackageRefusedException("the package of " + version + " has no bin/cema-edge to start");
        }
    }

    /** Only a human or the cloud can mend it; looked at again now and then, since a disk may be freed. */
    private void fail(String version, IOException e) {
        LOG.errorf("agent %s is not taken: %s", version, e.getMessage());
        tell(DeviceEvent.Type.FAILED, version, e.getMessage());
        next = later(this::reach, Duration.ofHours(1));
    }

    /** Once, however often it is tried. */
    private void tell(DeviceEvent.Type type, String version, String reason) {
        if (told.add(type + " " + version + " " + reason)) {
            listener.agent(type, version, reason);
        }
    }

    private interface Task {
        void run() throws IOException;
    }

    private Optional<Future<?>> later(Task task, Duration delay) {
        try {
            return Optional.of(thread.schedule(() -> runSafely(task), delay.toMillis(), TimeUnit.MILLISECONDS));
        } catch (RejectedExecutionException e) {
            LOG.debugf("closing: %s", e.getMessage());
            return Optional.empty();
        }
    }

    private void execute(Task task) {
        later(task, Duration.ZERO);
    }

    private static void runSafely(Task task) {
        try {
            task.run();
        } catch (IOException | RuntimeException e) {
            LOG.errorf(e, "the agent's software stays as it is");
        }
    }
}
