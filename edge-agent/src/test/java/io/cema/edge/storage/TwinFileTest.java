package io.cema.edge.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwinFileTest {
    @TempDir
    Path folder;

    private final Damages damages = new Damages();

    @Test
    void read_nothingWritten_isEmptyAndNotLost() {
        TwinFile file = open();

        assertThat(number(file)).isEmpty();
        assertThat(file.lost()).isFalse();
        assertThat(damages.count()).isZero();
    }

    @Test
    void read_damaged_givesTheCopy_andTheNextWriteKeepsTheDamagedOne() throws IOException {
        write(open(), 7);
        Files.writeString(folder.resolve("count"), "sev");
        TwinFile file = open();

        assertThat(number(file)).contains(7L);
        assertThat(damages.newest()).singleElement().asString().contains("count", "sev");
        write(file, 8);

        assertThat(number(open())).contains(8L);
        assertThat(folder.resolve("count.corrupt")).hasContent("sev");
    }

    @Test
    void read_fileGone_givesTheCopy() throws IOException {
        write(open(), 7);
        Files.delete(folder.resolve("count"));

        assertThat(number(open())).contains(7L);
    }

    @Test
    void read_bothDamaged_isLostUntilTheNextWrite() throws IOException {
        write(open(), 7);
        Files.write(folder.resolve("count"), new byte[0]);
        Files.write(folder.resolve("count.copy"), new byte[0]);
        TwinFile file = open();

        assertThat(number(file)).isEmpty();
        assertThat(file.lost()).isTrue();

        write(file, 1);
        assertThat(file.lost()).isFalse();
        assertThat(number(open())).contains(1L);
    }

    @Test
    void write_fails_whatCountedBeforeCountsOn() throws IOException {
        TwinFile file = open();
        write(file, 7);
        Files.createDirectories(folder.resolve("count.tmp/in-the-way"));

        assertThatThrownBy(() -> write(file, 8)).isInstanceOf(IOException.class);

        assertThat(number(open())).contains(7L);
    }

    private TwinFile open() {
        return new TwinFile(folder.resolve("count"), damages);
    }

    private static Optional<Long> number(TwinFile file) {
        return file.read(bytes -> Long.parseLong(new String(bytes, StandardCharsets.US_ASCII)));
    }

    private static void write(TwinFile file, long number) throws IOException {
        file.write(Long.toString(number).getBytes(StandardCharsets.US_ASCII));
    }
}
