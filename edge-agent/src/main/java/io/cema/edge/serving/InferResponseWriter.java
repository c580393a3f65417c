package io.cema.edge.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.cema.edge.serving.OpenInference.BinaryParameters;
import io.cema.edge.serving.OpenInference.InferResponse;
import io.cema.edge.serving.OpenInference.OutputTensor;
import java.util.List;
import java.util.OptionalInt;

/** Writes the answer to an inference request, in JSON, or in JSON with its tensor in binary behind it. Thread-safe. */
final class InferResponseWriter {
    private static final ObjectWriter JSON = new ObjectMapper().writerFor(InferResponse.class);

    private InferResponseWriter() {}

    /**
     * An answer as it goes out.
     *
     * @param jsonLength bytes of the body that are JSON, where a tensor follows them in binary
     */
    record Reply(String contentType, OptionalInt jsonLength, byte[] body) {}

    static Reply write(InferRequestReader.Received received, InferenceAnswer answer) {
        List<Integer> shape = List.of(answer.batch(), answer.classes());
        if (!received.binary()) {
            OutputTensor tensor = new OutputTensor(answer.output(), shape, InferenceCall.FP32, null, answer.logits());
            return new Reply("application/json", OptionalInt.empty(), json(received, answer, tensor));
        }
        BinaryParameters size = new BinaryParameters(answer.logits().length * Float.BYTES);
        OutputTensor tensor = new OutputTensor(answer.output(), shape, InferenceCall.FP32, size, null);
        byte[] json = json(received, answer, tensor);
        return new Reply(
                "application/octet-stream", OptionalInt.of(json.length), BinaryTensors.body(json, answer.logits()));
    }

    private static byte[] json(InferRequestReader.Received received, InferenceAnswer answer, OutputTensor tensor) {
        try {
            return JSON.writeValueAsBytes(
                    new InferResponse(answer.model(), answer.version(), received.id(), List.of(tensor)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an answer that JSON cannot carry: " + answer, e);
        }
    }
}
