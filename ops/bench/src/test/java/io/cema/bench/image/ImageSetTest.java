package io.cema.bench.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.protocol.image.Image;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSetTest {
    @TempDir
    Path folder;

    @Test
    void read_cifarFile_planesBecomeInterleaved() throws IOException {
        byte[] record = new byte[3073];
        record[0] = 7;
        record[1 + 5] = 10;
        record[1 + 1024 + 5] = 20;
        record[1 + 2048 + 5] = (byte) 200;
        Path file = Files.write(folder.resolve("one.bin"), record);

        ImageSet set = ImageSet.read(file);

        assertThat(set.classes()).hasSize(10);
        LabelledImage only = set.images().get(0);
        assertThat(only.label()).isEqualTo(7);
        assertThat(only.image().rgb()[15]).isEqualTo((byte) 10);
        assertThat(only.image().rgb()[16]).isEqualTo((byte) 20);
        assertThat(only.image().rgb()[17]).isEqualTo((byte) 200);
    }

    @Test
    void read_truncatedCifarFile_namesFileAndFormat() throws IOException {
        Path file = Files.write(folder.resolve("cut.bin"), new byte[3000]);

        assertThatThrownBy(() -> ImageSet.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cut.bin")
                .hasMessageContaining("CIFAR-10 binary format");
    }

    @Test
    void read_cifarFileWithLabelOutOfRange_namesTheImage() throws IOException {
        byte[] records = new byte[2 * 3073];
        records[3073] = 10;
        Path file = Files.write(folder.resolve("label.bin"), records);

        assertThatThrownBy(() -> ImageSet.read(file)).hasMessageContaining("image 1 has label 10");
    }

    @Test
    void read_folder_classesInOrderOfNames() throws IOException {
        png("stop/a.png", 0xff0000);
        png("give_way/b.png", 0x00ff00);
        Files.writeString(folder.resolve("give_way/notes.txt"), "not an image");

        ImageSet set = ImageSet.read(folder);

        assertThat(set.classes()).containsExactly("give_way", "stop");
        assertThat(set.images()).extracting(LabelledImage::label).containsExactly(0, 1);
        assertThat(set.images().get(1).image().rgb()).startsWith(new byte[] {(byte) 255, 0, 0});
    }

    @Test
    void readStream_folder_showsNoClassAfterTheOther() throws IOException {
        for (int i = 0; i < 8; i++) {
            png("stop/" + i + ".png", 0xff0000);
            png("give_way/" + i + ".png", 0x00ff00);
        }

        ImageSet set = ImageSet.readStream(folder, 1);

        assertThat(set.first(8).images()).extracting(LabelledImage::label).contains(0, 1);
        assertThat(labels(set)).hasSize(16);
        assertThat(labels(ImageSet.readStream(folder, 1))).isEqualTo(labels(set));
        assertThat(labels(ImageSet.readStream(folder, 2))).isNotEqualTo(labels(set));
    }

    @Test
    void read_folderWithBrokenImage_namesIt() throws IOException {
        Files.createDirectories(folder.resolve("stop"));
        Files.writeString(folder.resolve("stop/broken.png"), "no pixels");

        assertThatThrownBy(() -> ImageSet.read(folder)).hasMessageContaining("broken.png");
    }

    @Test
    void read_folderWithoutSubFolders_saysWhatIsExpected() {
        assertThatThrownBy(() -> ImageSet.read(folder)).hasMessageContaining("one sub-folder of images per class");
    }

    @Test
    void read_missingPath_namesIt() {
        assertThatThrownBy(() -> ImageSet.read(folder.resolve("nowhere"))).hasMessageContaining("nowhere");
    }

    @Test
    void rgbImages_thereAndBack_keepsBytes() {
        Image image = new Image(2, 1, new byte[] {1, 2, 3, (byte) 253, (byte) 254, (byte) 255});

        assertThat(RgbImages.toImage(RgbImages.toBuffered(image)).rgb()).isEqualTo(image.rgb());
    }

    private void png(String name, int rgb) throws IOException {
        BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, rgb);
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        ImageIO.write(image, "png", file.toFile());
    }

    private static List<Integer> labels(ImageSet set) {
        return set.images().stream().map(LabelledImage::label).toList();
    }
}
