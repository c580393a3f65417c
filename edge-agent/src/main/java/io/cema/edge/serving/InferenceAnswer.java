package io.cema.edge.serving;

/**
 * What the model said.
 *
 * @param version the update the answer was computed with, or {@code base}
 * @param logits float32, length batch * classes, row by row; owned by the record
 */
public record InferenceAnswer(String model, String version, String output, int batch, int classes, float[] logits) {}
