package io.cema.edge.serving;

import io.cema.edge.inference.InferenceException;

/**
 * What the model said. Only finite logits are an answer: JSON carries no others.
 *
 * @param version the update the answer was computed with, or {@code base}
 * @param logits float32, length batch * classes, row by row; owned by the record
 */
public record InferenceAnswer(String model, String version, String output, int batch, int classes, float[] logits) {
    /** @throws InferenceException if a logit is NaN or infinite */
    public InferenceAnswer {
        for (int i = 0; i < logits.length; i++) {
            if (!Float.isFinite(logits[i])) {
                throw new InferenceException("model " + model + " " + version + " gave the logit " + logits[i]
                        + " for class " + i % classes + " of image " + i / classes);
            }
        }
    }
}
