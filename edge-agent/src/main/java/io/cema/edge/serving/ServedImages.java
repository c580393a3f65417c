package io.cema.edge.serving;

import io.cema.edge.frame.Frame;
import io.cema.edge.update.ModelOrigin;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.ModelManifest;
import java.util.Optional;

/** Where answered requests go to be learnt from. Any thread; returns at once, whatever becomes of them. */
public interface ServedImages {
    void served(Served request);

    /**
     * An answered request.
     *
     * @param photo the image, where the request brought one; otherwise its tensor is all there is
     * @param input float32, NCHW, images * 3 * height * width; handed over
     * @param logits float32, images * classes; not to be written to
     * @param latencyMillis from the request to its logits
     */
    record Served(
            Optional<Photo> photo,
            float[] input,
            float[] logits,
            int images,
            ModelManifest manifest,
            ModelOrigin origin,
            double latencyMillis) {}

    /** An image file and its pixels. */
    record Photo(Image image, Frame.Encoded file) {}
}
