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

/** The real broker and database in processes of their own, one pair for all tests that name it; no loop learns. */
public final class StackResource implements QuarkusTestResourceLifecycleManager {
    private Path folder;
    private StackProcess stack;

    @Override
    public Map<String, String> start() {
        try {
            folder = Files.createTempDirectory("cema-cloud-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        stack = StackProcess.start(folder.resolve("stack"));
        return Map.of(
                "cema.mqtt.host", stack.host(),
                "cema.mqtt.port", Integer.toString(stack.brokerPort()),
                "cema.database.host", stack.host(),
                "cema.database.port", Integer.toString(stack.databasePort()),
                "cema.data-dir", folder.resolve("cloud").toString(),
                "cema.adaptation.enabled", "false",
                "cema.security.enabled", "true",
                "quarkus.http.test-port", "0");
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
