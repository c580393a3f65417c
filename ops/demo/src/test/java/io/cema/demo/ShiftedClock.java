package io.cema.demo;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The clock of one process, shifted while it runs; time that only passes stays true, as it does on a machine. */
final class ShiftedClock {
    private static final List<Path> LIBRARIES = List.of(
            Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"),
            Path.of("/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"));

    private final Path library;
    private final Path shift;

    private ShiftedClock(Path library, Path shift) {
        this.library = library;
        this.shift = shift;
    }

    /**
     * As the machine's yet. Without libfaketime the test is skipped.
     *
     * @param shift a file for what it is shifted by
     */
    static ShiftedClock by(Path shift) throws IOException {
        assumeThat(LIBRARIES)
                .as("libfaketime is installed (Debian: apt-get install faketime)")
                .anyMatch(Files::exists);
        ShiftedClock clock = new ShiftedClock(
                LIBRARIES.stream().filter(Files::exists).findFirst().orElseThrow(), shift);
        clock.leap("+0");
        return clock;
    }

    /** What starts a process's command, so that it has this clock. */
    List<String> prefix() {
        return List.of(
                "env",
                "LD_PRELOAD=" + library,
                "FAKETIME_TIMESTAMP_FILE=" + shift,
                "FAKETIME_CACHE_DURATION=1",
                "FAKETIME_DONT_FAKE_MONOTONIC=1",
                // Without it every timed wait of Java returns at once.
                "FAKETIME_FORCE_MONOTONIC_FIX=0");
    }

    /** @param by from the machine's clock, such as {@code +365d}; within a second */
    void leap(String by) throws IOException {
        Files.writeString(shift, by + "\n");
    }
}
