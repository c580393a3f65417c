package io.cema.edge.inference.tensorrt;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.InferenceException;
import java.util.Locale;

/**
 * Golden outputs: before an engine serves, its logits on fixed inputs must be those of ONNX Runtime on the same file. An
 * engine that was refitted wrongly, or built with a faulty kernel, is off by a multiple of the logits.
 */
final class AgreementCheck {
    private static final int IMAGES = 4;
    /** Of the largest logit. TF32 and float16 keep ten bits of a product; a deep net adds some of that up. */
    private static final double TOLERANCE = 0.05;
    /** On integers a value between two steps may take the other one, layer after layer. */
    private static final double QUANTIZED_TOLERANCE = 0.2;

    private final EngineFactory reference;

    AgreementCheck(EngineFactory reference) {
        this.reference = reference;
    }

    /** @throws InferenceException if they disagree: the engine must not serve */
    void check(InferenceEngine engine, byte[] onnx, boolean quantized) {
        float[] inputs = new float[IMAGES * engine.inputLength()];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = (float) (Math.sin(0.37 * i) + 0.5 * Math.sin(0.011 * i));
        }
        float[] want;
        try (InferenceEngine golden = reference.open(onnx)) {
            want = golden.logits(inputs, IMAGES);
        }
        compare(engine.logits(inputs, IMAGES), want, quantized ? QUANTIZED_TOLERANCE : TOLERANCE);
    }

    static void compare(float[] have, float[] want, double tolerance) {
        double largest = 1e-3;
        double difference = 0;
        for (int i = 0; i < want.length; i++) {
            if (!Float.isFinite(have[i])) {
                throw new InferenceException("TensorRT's engine gives " + have[i] + " on a fixed input");
            }
            largest = Math.max(largest, Math.abs(want[i]));
            difference = Math.max(difference, Math.abs(want[i] - have[i]));
        }
        if (!(difference <= tolerance * largest)) {
            throw new InferenceException(String.format(
                    Locale.ROOT,
                    "TensorRT's engine does not agree with ONNX Runtime: logits differ by %.2g where the largest is %.2g"
                            + " and %.0f %% of it are allowed",
                    difference,
                    largest,
                    100 * tolerance));
        }
    }
}
