package io.cema.edge.serving;

import java.util.List;

/**
 * An inference request, whatever protocol it came by. Nothing in it is checked against a model yet.
 *
 * @param model name, digest or short digest
 * @param version wanted version, empty for the one in use
 * @param outputs wanted outputs, empty for all
 */
public record InferenceCall(String model, String version, List<Tensor> inputs, List<String> outputs) {
    /**
     * An input of datatype FP32, the only one there is.
     *
     * @param values row by row; owned by the tensor
     */
    public record Tensor(String name, List<Long> shape, float[] values) {}

    /** The datatype of every tensor here. */
    public static final String FP32 = "FP32";

    /** @throws InferenceRequestException if a tensor is of another datatype than FP32 */
    public static void requireFp32(String tensor, String datatype) {
        if (!FP32.equals(datatype)) {
            throw InferenceRequestException.badRequest(
                    "input " + tensor + " has datatype " + datatype + ", needs " + FP32);
        }
    }
}
