package io.cema.edge.software;

import io.cema.protocol.signature.TrustedKeys;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What the agent is as a piece of software.
 *
 * @param folder of the releases, which the launcher reads too
 * @param running which of its folders this process was started from
 * @param version that runs
 * @param platform it runs on, as packages name it
 * @param keys of whoever may make packages; without one none is taken
 * @param freeBytes of the folder's disk
 */
public record SoftwareSettings(
        Path folder,
        String running,
        String version,
        String platform,
        Optional<TrustedKeys> keys,
        LongSupplier freeBytes) {
    /** As packages name this machine. */
    public static String ownPlatform() {
        String processor = System.getProperty("os.arch");
        return switch (processor) {
            case "amd64" -> "linux-x86_64";
            case "aarch64" -> "linux-arm64";
            default -> "linux-" + processor;
        };
    }
}
