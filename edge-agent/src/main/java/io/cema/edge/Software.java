package io.cema.edge;

import io.cema.edge.cloud.CloudConnection;
import io.cema.edge.device.DeviceSession;
import io.cema.edge.software.AgentUpdater;
import io.cema.edge.software.SoftwareSettings;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.signature.TrustedKeys;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The agent's own software, where there is a launcher that can start another version; where there is none, it says so. */
final class Software implements AutoCloseable {
    private final String version;
    private final DeviceSession session;
    private final Optional<AgentUpdater> updater;
    private volatile String told = "";

    private Software(String version, DeviceSession session, Optional<AgentUpdater> updater) {
        this.version = version;
        this.session = session;
        this.updater = updater;
    }

    /** @param healthy whether the agent does what it is for */
    static Software of(
            EdgeSettings settings,
            String version,
            DeviceSession session,
            CloudConnection cloud,
            BooleanSupplier healthy,
            Optional<Runnable> restart) {
        EdgeSettings.Release release = settings.release();
        Optional<AgentUpdater> updater = release.folder()
                .filter(folder -> restart.isPresent())
                .map(folder -> new AgentUpdater(
                        new SoftwareSettings(
                                folder,
                                release.running(),
                                version,
                                SoftwareSettings.ownPlatform(),
                                release.keyFile().map(Software::keys),
                                () -> folder.toFile().getUsableSpace()),
                        cloud,
                        session::agentEvent,
                        healthy,
                        restart.orElseThrow()));
        return new Software(version, session, updater);
    }

    void start() {
        updater.ifPresent(AgentUpdater::start);
    }

    void wish(DesiredState desired) {
        String wished = desired.getAgentVersion();
        if (updater.isPresent()) {
            updater.get().wish(desired);
        } else if (!wished.isEmpty() && !wished.equals(version) && !wished.equals(told)) {
            told = wished;
            session.agentEvent(
                    DeviceEvent.Type.FAILED,
                    wished,
                    "this agent was not started by the bundle's launcher, which alone can start another version");
        }
    }

    @Override
    public void close() {
        updater.ifPresent(AgentUpdater::close);
    }

    private static TrustedKeys keys(Path file) {
        try {
            return TrustedKeys.fromPem(file);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "cema.release.key-file: " + e.getMessage() + "; without the setting no package is taken", e);
        }
    }
}
