package io.cema.cloud.compression;

import io.cema.protocol.image.Image;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import java.util.List;
import java.util.Optional;

/**
 * What to compress, and on which images.
 *
 * @param name a person's name for the result
 * @param model dense float32 classifier
 * @param teacher to distil from; empty for the dense model itself
 * @param preprocessing of model and teacher
 * @param labels class labels for the manifest; may be empty
 * @param images unlabelled
 * @param test to judge the stages on; empty for a part of the images, without accuracy then
 */
public record CompressionTask(
        String name,
        OnnxModel model,
        Optional<OnnxModel> teacher,
        Preprocessing preprocessing,
        List<String> labels,
        List<Image> images,
        Optional<LabelledImages> test) {
    /**
     * @param images not empty
     * @param classes per image
     */
    public record LabelledImages(List<Image> images, int[] classes) {
        public LabelledImages {
            images = List.copyOf(images);
            if (images.isEmpty() || images.size() != classes.length) {
                throw new IllegalArgumentException(
                        images.size() + " test images with " + classes.length + " labels; each needs one");
            }
        }
    }

    public CompressionTask {
        labels = List.copyOf(labels);
        images = List.copyOf(images);
    }
}
