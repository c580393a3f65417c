package io.cema.edge.serving;

import io.cema.edge.update.ActiveModel;
import io.cema.protocol.model.ModelManifest;
import java.util.List;

/**
 * The model in use as a client sees it.
 *
 * @param version the update folded in, or {@code base}
 */
public record ModelSignature(
        String name, String version, String input, int height, int width, String output, int classes) {
    /** The platform's name in the protocol: artefacts are ONNX files, whichever engine runs them. */
    public static final String PLATFORM = "onnx_onnxv1";

    /** Images in one request. */
    static final int MAX_BATCH = 256;

    static ModelSignature of(ActiveModel model) {
        ModelManifest manifest = model.manifest();
        return new ModelSignature(
                manifest.name(),
                version(model),
                manifest.inputName(),
                manifest.height(),
                manifest.width(),
                manifest.outputName(),
                manifest.classes());
    }

    static String version(ActiveModel model) {
        String update = model.origin().update();
        return update.isEmpty() ? "base" : update;
    }

    /** -1 for the batch. */
    public List<Long> inputShape() {
        return List.of(-1L, 3L, (long) height, (long) width);
    }

    /** -1 for the batch. */
    public List<Long> outputShape() {
        return List.of(-1L, (long) classes);
    }

    /**
     * Checks a request against this signature.
     *
     * @return images in its batch
     * @throws InferenceRequestException if it asks for or brings something else
     */
    int check(InferenceCall call) {
        for (String wanted : call.outputs()) {
            if (!output.equals(wanted)) {
                throw InferenceRequestException.badRequest(
                        "model " + name + " has no output " + wanted + "; it has " + output);
            }
        }
        if (call.inputs().size() != 1) {
            throw InferenceRequestException.badRequest("the request brings "
                    + call.inputs().size() + " input tensors, model " + name + " takes one, named " + input);
        }
        return check(call.inputs().get(0));
    }

    private int check(InferenceCall.Tensor tensor) {
        if (!input.equals(tensor.name())) {
            throw InferenceRequestException.badRequest(
                    "model " + name + " has no input " + tensor.name() + "; it has " + input);
        }
        List<Long> shape = tensor.shape();
        boolean fits = shape.size() == 4
                && shape.subList(1, 4).equals(inputShape().subList(1, 4))
                && shape.get(0) >= 1
                && shape.get(0) <= MAX_BATCH;
        if (!fits) {
            throw InferenceRequestException.badRequest("input " + input + " has shape " + shape + ", needs [1.."
                    + MAX_BATCH + ", 3, " + height + ", " + width + "]");
        }
        int batch = shape.get(0).intValue();
        int needed = batch * 3 * height * width;
        if (tensor.values().length != needed) {
            throw InferenceRequestException.badRequest("input " + input + " carries " + tensor.values().length
                    + " values, its shape " + shape + " needs " + needed);
        }
        requireFinite(tensor.values());
        return batch;
    }

    private void requireFinite(float[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw InferenceRequestException.badRequest(
                        "input " + input + ": value " + i + " is " + values[i] + ", needs a finite float32");
            }
        }
    }
}
