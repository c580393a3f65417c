package io.cema.edge.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.protocol.message.ImageFormat;
import java.awt.image.BufferedImage;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FrameSourceTest {
    @TempDir
    Path folder;

    @Test
    void record_next_givesTheFramesInOrderAndThenNone() throws IOException {
        try (FrameSource source = RecordFileSource.open(record(3), Clock.systemUTC())) {
            for (int i = 0; i < 3; i++) {
                Frame frame = source.next().orElseThrow();
                assertThat(frame.number()).isEqualTo(i);
                assertThat(frame.image().width()).isEqualTo(2);
                assertThat(frame.image().height()).isEqualTo(1);
                assertThat(frame.image().rgb()).containsOnly(i);
            }
            assertThat(source.next()).isEmpty();
        }
    }

    @Test
    void record_seek_goesOnThere() throws IOException {
        try (FrameSource source = RecordFileSource.open(record(3), Clock.systemUTC())) {
            source.seek(2);

            assertThat(source.next().orElseThrow().number()).isEqualTo(2);
        }
    }

    @Test
    void record_truncated_isRefused() throws IOException {
        Path file = record(3);
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 30));

        assertThatThrownBy(() -> RecordFileSource.open(file, Clock.systemUTC()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("incomplete");
    }

    @Test
    void record_otherFile_isRefused() throws IOException {
        Path file = folder.resolve("other");
        Files.write(file, new byte[100]);

        assertThatThrownBy(() -> RecordFileSource.open(file, Clock.systemUTC()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("CEMAREC1");
    }

    @Test
    void imageFolder_damagedFileBetween_isPassedOver() throws IOException {
        png("a.png");
        Files.write(folder.resolve("b.png"), new byte[] {1, 2, 3});
        png("c.png");

        try (FrameSource source = ImageFolderSource.open(folder, Clock.systemUTC())) {
            Frame first = source.next().orElseThrow();
            assertThat(first.original().orElseThrow().format()).isEqualTo(ImageFormat.PNG);
            assertThat(source.next().orElseThrow().number()).isEqualTo(2);
            assertThat(source.next()).isEmpty();
        }
    }

    @Test
    void imageFolder_noImage_isRefused() {
        assertThatThrownBy(() -> ImageFolderSource.open(folder, Clock.systemUTC()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no .png");
    }

    @Test
    void position_openedAgain_goesOn() throws IOException {
        Path file = folder.resolve("position");
        FramePosition.open(file, "stream").moveTo(17);

        assertThat(FramePosition.open(file, "stream").next()).isEqualTo(17);
    }

    @Test
    void position_otherStream_beginsAtZero() throws IOException {
        Path file = folder.resolve("position");
        FramePosition.open(file, "stream").moveTo(17);

        assertThat(FramePosition.open(file, "another").next()).isZero();
    }

    private Path record(int count) throws IOException {
        Path file = folder.resolve("frames.rec");
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
            out.writeBytes("CEMAREC1");
            out.writeInt(2);
            out.writeInt(1);
            out.writeInt(count);
            for (int i = 0; i < count; i++) {
                for (int k = 0; k < 6; k++) {
                    out.writeByte(i);
                }
            }
        }
        return file;
    }

    private void png(String name) throws IOException {
        ImageIO.write(
                new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB),
                "png",
                folder.resolve(name).toFile());
    }
}
