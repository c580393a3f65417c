package io.cema.edge.frame;

import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.ImageFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** PNG and JPEG files of a folder and its sub-folders, in the order of their paths. An unreadable one is skipped. */
public final class ImageFolderSource implements FrameSource {
    private static final Logger LOG = Logger.getLogger(ImageFolderSource.class);

    private final Path folder;
    private final Clock clock;
    private final List<Path> files;
    private int position;

    private ImageFolderSource(Path folder, Clock clock, List<Path> files) {
        this.folder = folder;
        this.clock = clock;
        this.files = files;
    }

    /** @throws IOException if the folder cannot be read or has no image in it */
    public static ImageFolderSource open(Path folder, Clock clock) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(Files::isRegularFile)
                    .filter(f -> ImageFiles.formatOf(f).isPresent())
                    .sorted()
                    .toList();
        }
        if (files.isEmpty()) {
            throw new IOException("image folder " + folder + " has no .png, .jpg or .jpeg file in it");
        }
        return new ImageFolderSource(folder, clock, files);
    }

    @Override
    public String description() {
        return "folder " + folder.toAbsolutePath() + " (" + files.size() + " files)";
    }

    @Override
    public void seek(long number) {
        position = (int) Math.min(files.size(), Math.max(0, number));
    }

    @Override
    public Optional<Frame> next() throws IOException {
        while (position < files.size()) {
            Path file = files.get(position);
            long number = position++;
            ImageFormat format = ImageFiles.formatOf(file).orElseThrow();
            byte[] bytes = Files.readAllBytes(file);
            try {
                return Optional.of(new Frame(
                        number,
                        ImageCodec.decode(format, bytes),
                        Optional.of(new Frame.Encoded(format, bytes)),
                        clock.millis()));
            } catch (IllegalArgumentException e) {
                LOG.warnf("skipped %s: %s", file, e.getMessage());
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        // Files are opened one by one.
    }
}
