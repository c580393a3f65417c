package io.cema.demo.signs;

import io.cema.bench.image.ImageSet;
import io.cema.bench.image.LabelledImage;
import io.cema.bench.image.RgbImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Signs as PNG files, for commands that read images from a folder. */
final class SignFolder {
    private SignFolder() {}

    /** One sub-folder per class, named so that their order is that of the labels. */
    static void write(Path folder, ImageSet signs) throws IOException {
        for (int i = 0; i < signs.size(); i++) {
            LabelledImage sign = signs.images().get(i);
            Path ofClass = folder.resolve(String.format(
                    Locale.ROOT, "%02d-%s", sign.label(), signs.classes().get(sign.label())));
            Files.createDirectories(ofClass);
            Path file = ofClass.resolve(String.format(Locale.ROOT, "%06d.png", i));
            if (!ImageIO.write(RgbImages.toBuffered(sign.image()), "png", file.toFile())) {
                throw new IOException("this Java runtime writes no PNG");
            }
        }
    }
}
