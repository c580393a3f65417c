package io.cema.ops.access;

import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The extension's start. Its settings {@code authority} and {@code revoked}, two PEM files, {@code slots}, the list of
 * slots, and {@code rate.*}, what a device may publish, stand in the file that the system property {@code
 * cema.access.settings} names, else in {@code access.properties} of the extension's folder. A
 * broker goes on without an extension that does not start, so this one starts whatever is wrong, and then lets nobody in.
 */
public final class AccessExtension implements ExtensionMain {
    private static final Logger LOG = LoggerFactory.getLogger(AccessExtension.class);
    private static final String SETTINGS = "cema.access.settings";
    private static final Path NOWHERE = Path.of("cema-access-is-not-configured");
    private static final long SWEEP_SECONDS = 1;

    @Override
    public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
        Properties settings = settings(input.getExtensionInformation().getExtensionHomeFolder());
        Revocations revocations =
                new Revocations(file(settings, "authority"), file(settings, "revoked"), Clock.systemUTC());
        Slots slots = new Slots(file(settings, "authority"), file(settings, "slots"));
        Guests guests = new Guests(Clock.systemUTC());
        Services.securityRegistry()
                .setAuthenticatorProvider(provided -> new CertificateAuthenticator(revocations, guests));
        Services.securityRegistry()
                .setAuthorizerProvider(provided -> new TopicAuthorizer(
                        provided.getClientInformation().getClientId(),
                        Admission.of(provided.getConnectionInformation()),
                        slots,
                        Services.extensionExecutorService()));
        DeliveryGuard guard = new DeliveryGuard(slots);
        RateLimiters limiters =
                new RateLimiters(limits(settings), Services.extensionExecutorService(), Services.clientService());
        Services.initializerRegistry().setClientInitializer((client, context) -> {
            guard.initialize(client, context);
            limiters.initialize(client, context);
        });
        revocations.refresh();
        slots.refresh();
        Services.extensionExecutorService()
                .scheduleWithFixedDelay(
                        () -> sweep(revocations, slots, guests), SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {
        // The broker is about to end, or falls back to its own rules; there is nothing to give back.
    }

    private static void sweep(Revocations revocations, Slots slots, Guests guests) {
        try {
            slots.refresh();
            revocations.refresh();
            guests.sweep(revocations, Services.clientService());
        } catch (RuntimeException e) { // a task that throws would never run again
            LOG.error("certificates of connected clients could not be checked", e);
        }
    }

    /** A wrong limit is no reason to have none. */
    private static RateLimits limits(Properties settings) {
        try {
            return RateLimits.of(settings);
        } catch (IllegalArgumentException e) {
            LOG.error("{}; the default limits are used", e.getMessage());
            return RateLimits.defaults();
        }
    }

    private static Properties settings(File home) {
        String named = System.getProperty(SETTINGS);
        Path file = named == null ? home.toPath().resolve("access.properties") : Path.of(named);
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException e) {
            LOG.error("{} cannot be read: nobody is let in by certificate", file, e);
        }
        return properties;
    }

    private static Path file(Properties settings, String key) {
        String value = settings.getProperty(key);
        return value == null ? NOWHERE : Path.of(value);
    }
}
