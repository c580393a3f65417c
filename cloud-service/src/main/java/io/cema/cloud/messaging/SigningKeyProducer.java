package io.cema.cloud.messaging;

import io.cema.protocol.signature.SigningKey;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The key that signs everything going down: made at the first start, kept in the data folder. */
final class SigningKeyProducer {
    @Produces
    @Singleton
    @Startup
    SigningKey signingKey(@ConfigProperty(name = "cema.data-dir") Path dataFolder) {
        return SigningKey.loadOrCreate(dataFolder);
    }
}
