package io.cema.edge.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A real file system of a few megabytes, to be filled and made read-only. Needs root; a test without it is skipped. */
final class SmallDisk implements AutoCloseable {
    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    static SmallDisk mount(Path folder, int megabytes) throws Exception {
        String problem = tried("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "cema-test", folder.toString());
        assumeThat(problem).as("a small file system can be mounted, as root").isEmpty();
        return new SmallDisk(folder);
    }

    /** Until not a byte is left. */
    void fill() throws IOException {
        byte[] block = new byte[4096];
        try (OutputStream ballast = Files.newOutputStream(folder.resolve("ballast"))) {
            while (true) {
                ballast.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    void empty() throws IOException {
        Files.delete(folder.resolve("ballast"));
    }

    void readOnly(boolean on) throws Exception {
        assertThat(tried("mount", "-o", on ? "remount,ro" : "remount,rw", folder.toString()))
                .isEmpty();
    }

    @Override
    public void close() throws Exception {
        assertThat(tried("umount", folder.toString())).isEmpty();
    }

    /** What went wrong, or nothing. */
    private static String tried(String... command) throws InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0 ? "" : said + " failed";
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
