package io.cema.cloud.adaptation.torch;

import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.image.ImageFeatures;
import io.cema.protocol.model.ModelManifest;
import java.util.List;

/** How some images look to the edge, which chooses an expert by that. Worked out when first asked for. One thread. */
final class Looks {
    private final ModelManifest manifest;
    private final List<Image> images;
    private List<double[]> features;

    Looks(ModelManifest manifest, List<Image> images) {
        this.manifest = manifest;
        this.images = images;
    }

    /** Of each image, see {@link ImageFeatures#of}. */
    List<double[]> features() {
        if (features == null) {
            features = images.stream().map(image -> of(manifest, image)).toList();
        }
        return features;
    }

    /** Index of the expert for each image. */
    int[] chosen(Adaptation adaptation) {
        return adaptation.mixed()
                ? features().stream().mapToInt(adaptation::choose).toArray()
                : new int[images.size()];
    }

    /** Features of what the model gets to see of an image. */
    static double[] of(ModelManifest manifest, Image image) {
        float[] input = ImageCodec.toTensor(image, manifest.height(), manifest.width(), manifest.preprocessing());
        return ImageFeatures.of(
                ImageCodec.fromTensor(input, manifest.height(), manifest.width(), manifest.preprocessing())
                        .orElse(image));
    }
}
