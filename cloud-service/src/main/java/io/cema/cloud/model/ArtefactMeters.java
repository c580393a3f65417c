package io.cema.cloud.model;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The room that the disk of the artefact store has left. Any thread. */
@ApplicationScoped
class ArtefactMeters {
    private final MeterRegistry registry;
    private final Path dataFolder;

    ArtefactMeters(MeterRegistry registry, @ConfigProperty(name = "cema.data-dir") Path dataFolder) {
        this.registry = registry;
        this.dataFolder = dataFolder;
    }

    void start(@Observes StartupEvent event) {
        Gauge.builder("cema.artefact.store.free", () -> free(dataFolder))
                .description(
                        "Left on the disk of cema.data-dir, which holds keys, and artefacts that are kept as files")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("cema.artefact.store.size", () -> size(dataFolder))
                .description("Of that disk")
                .baseUnit("bytes")
                .register(registry);
    }

    private static double free(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            return Double.NaN; // says that it cannot be said
        }
    }

    private static double size(Path folder) {
        try {
            return Files.getFileStore(folder).getTotalSpace();
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
