package io.cema.bench.image;

import io.cema.protocol.image.Image;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** A folder with one sub-folder per class, both in the order of their names. Other files are left alone. */
final class ImageFolder {
    private static final Set<String> EXTENSIONS = Set.of("png", "jpg", "jpeg", "bmp", "gif");

    private ImageFolder() {}

    static ImageSet read(Path folder) throws IOException {
        List<Path> classFolders = list(folder, Files::isDirectory);
        if (classFolders.isEmpty()) {
            throw new IllegalArgumentException(
                    "images " + folder + ": no sub-folders; expected one sub-folder of images per class");
        }
        List<String> classes = new ArrayList<>();
        List<LabelledImage> images = new ArrayList<>();
        for (Path classFolder : classFolders) {
            for (Path file : list(classFolder, ImageFolder::isImage)) {
                images.add(new LabelledImage(decode(file), classes.size()));
            }
            classes.add(classFolder.getFileName().toString());
        }
        if (images.isEmpty()) {
            throw new IllegalArgumentException("images " + folder + ": the sub-folders hold no " + EXTENSIONS);
        }
        return new ImageSet(classes, images);
    }

    /** The images that stand in the folder itself, by name; empty if there are none. */
    static List<Image> readFlat(Path folder) throws IOException {
        List<Image> images = new ArrayList<>();
        for (Path file : list(folder, ImageFolder::isImage)) {
            images.add(decode(file));
        }
        return images;
    }

    private static List<Path> list(Path folder, Predicate<Path> wanted) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(p -> !p.getFileName().toString().startsWith("."))
                    .filter(wanted)
                    .sorted()
                    .toList();
        }
    }

    private static boolean isImage(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return Files.isRegularFile(file) && EXTENSIONS.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    private static Image decode(Path file) throws IOException {
        BufferedImage decoded;
        try {
            decoded = ImageIO.read(file.toFile());
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("image " + file + " cannot be decoded: " + e.getMessage(), e);
        }
        if (decoded == null) {
            throw new IllegalArgumentException("image " + file + " is in no format that the Java runtime decodes");
        }
        return RgbImages.toImage(decoded);
    }
}
