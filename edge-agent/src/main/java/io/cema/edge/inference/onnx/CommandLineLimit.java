package io.cema.edge.inference.onnx;

import io.cema.edge.inference.InferenceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * ONNX Runtime 1.29 reads its process's command line into 4 KiB when it starts and ends the process (segmentation
 * fault, no message) where the line is longer. Measured on Linux x86-64: 3,950 bytes start, 4,050 do not.
 */
final class CommandLineLimit {
    static final int MAX_BYTES = 3_900;

    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private CommandLineLimit() {}

    /**
     * Calls {@code start} if the command line is short enough.
     *
     * @throws InferenceException if it is not; the process lives on
     */
    static <T> T checked(Supplier<T> start) {
        check(length());
        return start.get();
    }

    static void check(int bytes) {
        if (bytes > MAX_BYTES) {
            throw new InferenceException("this process's command line has " + bytes + " bytes, and ONNX Runtime 1.29"
                    + " crashes above " + MAX_BYTES + ": put the class path into the environment variable CLASSPATH or"
                    + " write it as folder/*, and settings into environment variables");
        }
    }

    private static int length() {
        if (!Files.isReadable(COMMAND_LINE)) {
            return 0; // not Linux
        }
        try {
            return Files.readAllBytes(COMMAND_LINE).length;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + COMMAND_LINE, e);
        }
    }
}
