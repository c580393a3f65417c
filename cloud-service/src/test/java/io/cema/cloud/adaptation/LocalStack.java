package io.cema.cloud.adaptation;

import io.cema.ops.stack.StackProcess;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A real broker and a real PostgreSQL, in processes of their own, for the tests that name it. */
public final class LocalStack implements QuarkusTestResourceLifecycleManager {
    private StackProcess stack;

    @Override
    public Map<String, String> start() {
        try {
            Path data = Files.createTempDirectory(Path.of("target"), "adaptation-stack");
            stack = StackProcess.start(data.resolve("stack"));
            return Map.of(
                    "cema.data-dir", data.resolve("cloud").toString(),
                    "cema.mqtt.host", stack.host(),
                    "cema.mqtt.port", String.valueOf(stack.brokerPort()),
                    "cema.database.host", stack.host(),
                    "cema.database.port", String.valueOf(stack.databasePort()),
                    "cema.database.name", stack.databaseName(),
                    "cema.database.user", stack.databaseUser(),
                    "cema.database.password", stack.databasePassword());
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for the stack's data", e);
        }
    }

    @Override
    public void stop() {
        if (stack != null) {
            stack.close();
        }
    }
}
