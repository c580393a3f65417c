package io.cema.edge.serving;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The binary part of a body, as Triton's binary tensor data extension has it: float32, little endian, row by row, one
 * tensor after the other. One thread.
 */
final class BinaryTensors {
    private final ByteBuffer bytes;

    /** @param bytes what follows the JSON */
    BinaryTensors(ByteBuffer bytes) {
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Takes the next tensor.
     *
     * @param size bytes, as the request says
     * @throws InferenceRequestException if the size is no multiple of four or more than there is left
     */
    float[] next(String tensor, long size) {
        if (size < 0 || size % Float.BYTES != 0) {
            throw InferenceRequestException.badRequest("input " + tensor + " has binary_data_size " + size
                    + ", needs a multiple of " + Float.BYTES + " for FP32");
        }
        if (size > bytes.remaining()) {
            throw InferenceRequestException.badRequest("input " + tensor + " has binary_data_size " + size
                    + ", but only " + bytes.remaining() + " bytes of the body are left for it");
        }
        float[] values = new float[(int) size / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        bytes.position(bytes.position() + (int) size);
        return values;
    }

    /** @throws InferenceRequestException if there is more in the body than the tensors it names */
    void requireEnd() {
        if (bytes.hasRemaining()) {
            throw InferenceRequestException.badRequest(
                    "the body has " + bytes.remaining() + " bytes more than its JSON and its binary tensors");
        }
    }

    /** The JSON of an answer, and behind it its tensor. */
    static byte[] body(byte[] json, float[] values) {
        ByteBuffer body =
                ByteBuffer.allocate(json.length + values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        body.put(json).asFloatBuffer().put(values);
        return body.array();
    }
}
