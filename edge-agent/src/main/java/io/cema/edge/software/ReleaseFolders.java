package io.cema.edge.software;

import io.cema.edge.storage.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Two folders for two versions, and small files by which agent and launcher speak: {@code current} names the folder that is
 * confirmed (none: the installed bundle), {@code trial} the one to be tried, {@code failed} says what came of a trial that
 * did not work, {@code refused} what of that the agent has reported. Each file is there whole or not at all. One thread.
 */
final class ReleaseFolders {
    private static final List<String> SLOTS = List.of("a", "b");

    private final Path folder;
    private final String running;

    /** A version that did not work out. */
    record Failure(String version, String reason) {}

    /** @param running {@code a}, {@code b} or anything else for the installed bundle */
    ReleaseFolders(Path folder, String running) {
        this.folder = folder;
        this.running = running;
    }

    /** Where downloads are kept. */
    Path downloads() {
        return folder.resolve("downloads");
    }

    Path slot(String name) {
        return folder.resolve(name);
    }

    /** The one that neither runs nor is what the launcher would start next. */
    String free() throws IOException {
        String current = read("current").orElse("");
        return SLOTS.stream()
                .filter(slot -> !slot.equals(running) && !slot.equals(current))
                .findFirst()
                .orElseThrow(() -> new IOException("both folders of " + folder + " are in use: " + running + " runs, "
                        + current + " is confirmed; restart the agent"));
    }

    /** Whether this process is the trial of a version, not yet confirmed. */
    boolean onTrial() throws IOException {
        return read("trial").filter(running::equals).isPresent();
    }

    /** Has the launcher start that folder next. */
    void tryOut(String slot) throws IOException {
        Files.deleteIfExists(folder.resolve("trial.starts"));
        DurableFile.write(folder.resolve("trial"), bytes(slot));
    }

    /** From now on this is the version to start. */
    void confirm() throws IOException {
        DurableFile.moveIntoPlace(folder.resolve("trial"), folder.resolve("current"));
        Files.deleteIfExists(folder.resolve("trial.starts"));
    }

    /** What the launcher came back from, once; it counts as refused then. */
    Optional<Failure> newFailure() throws IOException {
        Optional<Failure> failure = failure("failed");
        if (failure.isPresent()) {
            DurableFile.moveIntoPlace(folder.resolve("failed"), folder.resolve("refused"));
        }
        return failure;
    }

    /** What was tried last and did not work. */
    Optional<Failure> refused() throws IOException {
        return failure("refused");
    }

    void forgetRefused() throws IOException {
        Files.deleteIfExists(folder.resolve("refused"));
    }

    private Optional<Failure> failure(String name) throws IOException {
        return read(name).map(text -> {
            String[] lines = text.split("\n", 2);
            return new Failure(lines[0].strip(), lines.length > 1 ? lines[1].strip() : "");
        });
    }

    private Optional<String> read(String name) throws IOException {
        Path file = folder.resolve(name);
        return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
    }

    private static byte[] bytes(String text) {
        return (text + "\n").getBytes(StandardCharsets.US_ASCII);
    }
}
