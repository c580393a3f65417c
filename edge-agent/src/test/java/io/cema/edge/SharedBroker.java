package io.cema.edge;

import io.cema.ops.stack.StackProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The broker of all tests of this process that keep apart by tenant: to start one takes longer than most of them. A test
 * may kill it; the next finds it started again. Ends with the process.
 */
public final class SharedBroker {
    private static StackProcess stack;

    private SharedBroker() {}

    /** Started, if it is not running. */
    public static synchronized StackProcess running() {
        if (stack == null) {
            try {
                Path folder = Files.createTempDirectory("cema-broker");
                stack = StackProcess.startBrokerOnly(folder);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> end(folder)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        stack.startBroker();
        return stack;
    }

    private static void end(Path folder) {
        stack.killBroker();
        delete(folder);
    }

    static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
