package io.cema.bench.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.protocol.image.Image;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordFileTest {
    @TempDir
    Path folder;

    @Test
    void write_twoFrames_headerThenPixels() throws IOException {
        Path file = folder.resolve("frames.rec");

        RecordFile.write(file, List.of(new Image(2, 1, new byte[] {1, 2, 3, 4, 5, 6}), new Image(2, 1, new byte[] {
            7, 8, 9, 10, 11, 12
        })));

        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        byte[] magic = new byte[8];
        bytes.get(magic);
        assertThat(new String(magic, StandardCharsets.US_ASCII)).isEqualTo("CEMAREC1");
        assertThat(List.of(bytes.getInt(), bytes.getInt(), bytes.getInt())).containsExactly(2, 1, 2);
        byte[] pixels = new byte[bytes.remaining()];
        bytes.get(pixels);
        assertThat(pixels).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    }

    @Test
    void write_framesOfTwoSizes_namesTheFrame() {
        List<Image> frames = List.of(new Image(1, 1, new byte[3]), new Image(2, 1, new byte[6]));

        assertThatThrownBy(() -> RecordFile.write(folder.resolve("mixed.rec"), frames))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("frame 1 is 2x1");
    }
}
