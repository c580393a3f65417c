package io.cema.edge;

import io.cema.edge.clock.SteadyClock;
import io.cema.edge.inference.EngineFactory;
import io.cema.edge.serving.PredictionRecord;
import io.cema.edge.serving.PredictionSink;
import io.cema.edge.serving.UpdateRecord;
import io.cema.edge.storage.DiskWatch;
import io.cema.edge.update.ActiveModels;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/** Agents without a container, from settings as a user writes them. */
final class Agents {
    private Agents() {}

    /** Opened, not yet started. */
    static EdgeAgent open(Map<String, String> settings, EngineFactory engines, Optional<Runnable> restart)
            throws IOException {
        return open(settings, engines, new ActiveModels(), restart);
    }

    /** The same, to look into what it serves. */
    static EdgeAgent open(
            Map<String, String> settings, EngineFactory engines, ActiveModels models, Optional<Runnable> restart)
            throws IOException {
        EdgeSettings read = read(settings);
        Path clock = read.dataDir().resolve("clock");
        DiskWatch disk = new DiskWatch(read.dataDir(), read.disk().minFreeBytes());
        disk.look();
        return new EdgeAgent(
                read,
                engines,
                models,
                new NoSink(),
                SteadyClock.open(clock, AgentBuild.own().time(), Clock.systemUTC()),
                disk,
                restart);
    }

    static EdgeSettings read(Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(EdgeSettings.class)
                .withDefaultValues(settings)
                .build()
                .getConfigMapping(EdgeSettings.class);
    }

    private static final class NoSink implements PredictionSink {
        @Override
        public void prediction(PredictionRecord prediction) {
            // not looked at
        }

        @Override
        public void update(UpdateRecord update) {
            // events are looked at instead
        }
    }
}
