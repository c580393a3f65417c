package io.cema.cloud.model;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The one store of this process, by its settings. */
@ApplicationScoped
class ArtefactStoreProducer {
    @Produces
    @Singleton
    ArtefactStore store(ArtefactSettings settings, @ConfigProperty(name = "cema.data-dir") Path dataFolder) {
        return switch (settings.store()) {
            case FILES -> new FileArtefactStore(dataFolder);
            case S3 -> S3ArtefactStore.open(settings.s3());
        };
    }

    void close(@Disposes ArtefactStore store) {
        if (store instanceof S3ArtefactStore s3) {
            s3.close();
        }
    }
}
