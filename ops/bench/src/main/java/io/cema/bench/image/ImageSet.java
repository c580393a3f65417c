package io.cema.bench.image;

import io.cema.protocol.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Images with their labels, in a fixed order.
 *
 * @param classes the class names; a label is an index into them
 * @param images not empty
 */
public record ImageSet(List<String> classes, List<LabelledImage> images) {
    public ImageSet {
        classes = List.copyOf(classes);
        images = List.copyOf(images);
        if (images.isEmpty()) {
            throw new IllegalArgumentException("the image set is empty");
        }
        for (int i = 0; i < images.size(); i++) {
            if (images.get(i).label() >= classes.size()) {
                throw new IllegalArgumentException("image " + i + " has label "
                        + images.get(i).label() + ", there are " + classes.size() + " classes");
            }
        }
    }

    /**
     * Reads a file in the CIFAR-10 binary format, or a folder with one sub-folder of PNG, JPEG, BMP or GIF images per
     * class.
     *
     * @throws IllegalArgumentException if the path is neither, or what stands there is not as it must be
     */
    public static ImageSet read(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return ImageFolder.read(path);
        }
        if (Files.isRegularFile(path)) {
            return CifarFile.read(path);
        }
        throw new IllegalArgumentException("images " + path + ": no such file or folder");
    }

    /**
     * {@link #read}, in an order to be shown in. A file is taken as it is; a folder, which holds one class after the other, is
     * shuffled: no camera sees that, and the first so many would be of few classes.
     *
     * @param seed of the order of a folder's images
     */
    public static ImageSet readStream(Path path, long seed) throws IOException {
        ImageSet set = read(path);
        return Files.isDirectory(path) ? set.shuffled(seed) : set;
    }

    /**
     * Reads images without caring for labels: whatever {@link #read} takes, or a folder that holds images itself.
     *
     * @throws IllegalArgumentException as {@link #read}
     */
    public static List<Image> readUnlabelled(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            List<Image> images = ImageFolder.readFlat(path);
            if (!images.isEmpty()) {
                return images;
            }
        }
        return read(path).images().stream().map(LabelledImage::image).toList();
    }

    /** Number of images. */
    public int size() {
        return images.size();
    }

    /** The first {@code n} images, or all if there are fewer. */
    public ImageSet first(int n) {
        return new ImageSet(classes, images.subList(0, Math.min(n, images.size())));
    }

    /** The same images in an order that depends on the seed alone. */
    public ImageSet shuffled(long seed) {
        List<LabelledImage> shuffled = new ArrayList<>(images);
        Collections.shuffle(shuffled, new Random(seed));
        return new ImageSet(classes, shuffled);
    }
}
