package io.cema.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * The data set folder beside the checkout: by system property {@code cema.shared}, environment variable {@code
 * CEMA_SHARED}, or the nearest parent of the working directory that has {@code shared/data}.
 */
public final class SharedData {
    private SharedData() {}

    /** A file below {@code data}; a test that asks for one that is not there is skipped. */
    public static Path require(String name) {
        Path file = root().resolve("data").resolve(name);
        Assumptions.assumeTrue(Files.exists(file), "skipped: no " + name + " under shared/data beside the checkout");
        return file;
    }

    private static Path root() {
        String named = System.getProperty("cema.shared", System.getenv("CEMA_SHARED"));
        if (named != null && !named.isBlank()) {
            return Path.of(named);
        }
        for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
            if (Files.isDirectory(p.resolve("shared/data"))) {
                return p.resolve("shared");
            }
        }
        return Path.of("shared");
    }
}
