package io.cema.bench.evaluation;

import io.cema.protocol.image.Image;
import java.util.List;

/** One way of serving a stream; made anew for each episode. One thread. Knows no labels. */
interface Method extends AutoCloseable {
    /** The predicted class of each image, in the order of the stream; afterwards the method may have learnt from them. */
    int[] predict(List<Image> images);

    Tally tally();

    @Override
    void close();
}
