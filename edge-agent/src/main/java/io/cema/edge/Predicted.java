package io.cema.edge;

import io.cema.edge.frame.Frame;
import io.cema.edge.inference.Prediction;
import io.cema.edge.update.ModelOrigin;
import io.cema.protocol.model.ModelManifest;

/**
 * An image and what the model said of it.
 *
 * @param frame its number counts within its source
 * @param input float32, CHW, as the model took it; handed over
 * @param latencyMillis to the prediction
 */
record Predicted(
        Source source,
        Frame frame,
        float[] input,
        Prediction prediction,
        ModelManifest manifest,
        ModelOrigin origin,
        double latencyMillis) {
    /** Where an image came from. */
    enum Source {
        /** The agent's own frame source. */
        FRAMES,
        /** An application's request. */
        REQUESTS
    }
}
