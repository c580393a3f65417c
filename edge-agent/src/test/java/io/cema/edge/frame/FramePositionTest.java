package io.cema.edge.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FramePositionTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("position");
    }

    @Test
    void open_again_goesOn() throws IOException {
        FramePosition.open(file, "stream").moveTo(41);

        assertThat(FramePosition.open(file, "stream").next()).isEqualTo(41);
    }

    @Test
    void open_damaged_beginsAnew() throws IOException {
        FramePosition.open(file, "stream").moveTo(41);
        byte[] bytes = Files.readAllBytes(file);
        bytes[9] ^= 0x40;
        Files.write(file, bytes);

        assertThat(FramePosition.open(file, "stream").next()).isZero();
    }

    @Test
    void open_empty_beginsAnew() throws IOException {
        FramePosition.open(file, "stream").moveTo(41);
        Files.write(file, new byte[0]);

        assertThat(FramePosition.open(file, "stream").next()).isZero();
    }

    @Test
    void open_killedBetweenNumberAndCheck_goesOn() throws IOException {
        FramePosition.open(file, "stream").moveTo(41);
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer.wrap(bytes).putLong(8, 42);
        Files.write(file, bytes);

        assertThat(FramePosition.open(file, "stream").next()).isEqualTo(42);
    }

    @Test
    void open_ofAnEarlierAgent_goesOn() throws IOException {
        FramePosition.open(file, "stream").moveTo(41);
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 16));

        assertThat(FramePosition.open(file, "stream").next()).isEqualTo(41);
        assertThat(FramePosition.open(file, "stream").next()).isEqualTo(41);
    }
}
