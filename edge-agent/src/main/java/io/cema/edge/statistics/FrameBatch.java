package io.cema.edge.statistics;

import io.cema.edge.inference.Prediction;
import io.cema.edge.update.ModelOrigin;
import java.util.List;

/**
 * Frames to be measured together, all answered by one model with one update.
 *
 * @param inputs CHW float32 as the model took them; shared with others, not to be written to
 */
public record FrameBatch(String modelDigest, ModelOrigin origin, List<float[]> inputs, List<Prediction> predictions) {
    int frames() {
        return inputs.size();
    }

    /** All inputs in one piece, NCHW. */
    float[] joined() {
        int length = inputs.get(0).length;
        float[] joined = new float[inputs.size() * length];
        for (int i = 0; i < inputs.size(); i++) {
            System.arraycopy(inputs.get(i), 0, joined, i * length, length);
        }
        return joined;
    }
}
