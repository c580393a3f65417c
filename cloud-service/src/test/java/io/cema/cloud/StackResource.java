package io.cema.cloud;

import io.cema.ops.stack.StackProcess;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The real broker and database in processes of their own, one pair for all tests that name it; no loop learns, model
 * rollouts move when a test says so, and canaries are judged twice a second. Nobody is asked for a token, unless a test
 * profile says so by the argument {@code access}. Each further profile or resource is another start of the service, so
 * tests keep apart by cohort instead.
 */
public final class StackResource implements QuarkusTestResourceLifecycleManager {
    private Path folder;
    private StackProcess stack;
    private String access = "open";

    @Override
    public void init(Map<String, String> arguments) {
        access = arguments.getOrDefault("access", access);
    }

    @Override
    public Map<String, String> start() {
        try {
            folder = Files.createTempDirectory("cema-cloud-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        stack = StackProcess.start(folder.resolve("stack"));
        return Map.ofEntries(
                Map.entry("cema.mqtt.host", stack.host()),
                Map.entry("cema.mqtt.port", Integer.toString(stack.brokerPort())),
                Map.entry("cema.database.host", stack.host()),
                Map.entry("cema.database.port", Integer.toString(stack.databasePort())),
                Map.entry("cema.data-dir", folder.resolve("cloud").toString()),
                Map.entry("cema.access.mode", access),
                Map.entry("cema.adaptation.enabled", "false"),
                Map.entry("cema.model-rollout.enabled", "false"),
                Map.entry("cema.rollout.judge-interval", "500MS"),
                Map.entry("cema.security.enabled", "true"),
                // A false alarm of drift in 10,000 observations of a stream, and no waiting between two of them.
                Map.entry("cema.drift.interval", "PT0.001S"),
                Map.entry("cema.drift.false-alarm-interval", "PT10S"),
                Map.entry("cema.alarms.interval", "PT0.5S"),
                Map.entry("cema.webhooks.allowed-hosts", "127.0.0.1"),
                Map.entry("cema.webhooks.plain-loopback", "true"),
                Map.entry("cema.webhooks.timeout", "PT3S"),
                Map.entry("cema.webhooks.first-pause", "PT0.1S"),
                Map.entry("cema.webhooks.longest-pause", "PT1S"),
                Map.entry("cema.live-events.heartbeat", "PT1S"),
                Map.entry("cema.live-events.patience", "PT3S"),
                Map.entry("quarkus.http.test-ssl-port", "0"),
                Map.entry("quarkus.http.test-port", "0"));
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(stack, field -> field.getType() == StackProcess.class);
    }

    @Override
    public void stop() {
        if (stack != null) {
            stack.close();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot clear " + folder, e);
        }
    }
}
