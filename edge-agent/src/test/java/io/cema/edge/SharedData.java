package io.cema.edge;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The test material beside the repository; tests that need it are skipped with a message where it is absent. Looked for
 * at the system property {@code cema.shared}, the variable {@code CEMA_SHARED}, then in the folders above.
 */
public final class SharedData {
    private SharedData() {}

    /** @param relative path below {@code shared/data} */
    public static Path require(String relative) {
        Path file = shared().resolve("data").resolve(relative);
        assumeTrue(Files.exists(file), "skipped: no test material at " + file + "; set -Dcema.shared=FOLDER");
        return file;
    }

    private static Path shared() {
        String set = System.getProperty("cema.shared", System.getenv().getOrDefault("CEMA_SHARED", ""));
        if (!set.isBlank()) {
            return Path.of(set);
        }
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("shared/data"))) {
                return folder.resolve("shared");
            }
        }
        return Path.of("shared");
    }
}
