package io.cema.demo;

import io.cema.bench.image.ImageSet;
import io.cema.bench.image.LabelledImage;
import io.cema.bench.image.RgbImages;
import io.cema.protocol.image.Image;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** The user's images. Those of another size than the first are scaled to it, as one camera has one size. */
final class ImageSetSupply implements ImageSupply {
    private final Path path;
    private final ImageSet set;
    private final Deck deck;
    private final int width;
    private final int height;

    private ImageSetSupply(Path path, ImageSet set) {
        this.path = path;
        this.set = set;
        this.deck = new Deck(set.size());
        this.width = set.images().get(0).image().width();
        this.height = set.images().get(0).image().height();
    }

    static ImageSetSupply open(Path path) throws IOException {
        try {
            return new ImageSetSupply(path, ImageSet.read(path));
        } catch (IllegalArgumentException e) {
            throw new DemoException("--images: " + e.getMessage(), e);
        }
    }

    @Override
    public String description() {
        return path.getFileName() + " (" + set.size() + " images, "
                + set.classes().size() + " classes)";
    }

    @Override
    public List<String> labels() {
        return set.classes();
    }

    @Override
    public List<LabelledImage> draw(int count, RandomGenerator random) {
        return Stream.generate(() -> set.images().get(deck.draw(random)))
                .limit(count)
                .map(i -> new LabelledImage(scaled(i.image()), i.label()))
                .toList();
    }

    private Image scaled(Image image) {
        if (image.width() == width && image.height() == height) {
            return image;
        }
        BufferedImage scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = scaled.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(RgbImages.toBuffered(image), 0, 0, width, height, null);
        graphics.dispose();
        return RgbImages.toImage(scaled);
    }
}
