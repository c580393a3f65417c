package io.cema.edge.frame;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Reads what a process complains of, line by line, so that it never waits for a reader. */
final class ErrorLog {
    private static final int MAX_LINE = 500;

    private ErrorLog() {}

    /** Reads to the end on a thread of its own; a long line is cut. */
    static void follow(InputStream errors, Consumer<String> lines) {
        Thread thread = new Thread(() -> read(errors, lines), "cema-video-errors");
        thread.setDaemon(true);
        thread.start();
    }

    private static void read(InputStream errors, Consumer<String> lines) {
        byte[] line = new byte[MAX_LINE];
        int length = 0;
        try (errors) {
            for (int next = errors.read(); next >= 0; next = errors.read()) {
                if (next != '\n' && next != '\r') {
                    if (length < MAX_LINE) {
                        line[length++] = (byte) next;
                    }
                } else if (length > 0) {
                    lines.accept(new String(line, 0, length, StandardCharsets.UTF_8));
                    length = 0;
                }
            }
        } catch (IOException e) {
            // The process is gone, and with it what it had to say.
            length = 0;
        }
        if (length > 0) {
            lines.accept(new String(line, 0, length, StandardCharsets.UTF_8));
        }
    }
}
