package io.cema.edge.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.edge.serving.OpenInference.BinaryParameters;
import io.cema.edge.serving.OpenInference.InferResponse;
import io.cema.edge.serving.OpenInference.OutputTensor;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;

/** Writes the answer to an inference request, in JSON, or in JSON with its tensor in binary behind it. Thread-safe. */
final class InferResponseWriter {
    private static final ObjectMapper JSON = new ObjectMapper();

    private InferResponseWriter() {}

    static Response write(InferRequestReader.Received received, InferenceAnswer answer) {
        List<Integer> shape = List.of(answer.batch(), answer.classes());
        if (!received.binary()) {
            OutputTensor tensor = new OutputTensor(answer.output(), shape, InferenceCall.FP32, null, answer.logits());
            return Response.ok(json(received, answer, tensor), MediaType.APPLICATION_JSON_TYPE)
                    .build();
        }
        BinaryParameters size = new BinaryParameters(answer.logits().length * Float.BYTES);
        OutputTensor tensor = new OutputTensor(answer.output(), shape, InferenceCall.FP32, size, null);
        byte[] json = json(received, answer, tensor);
        return Response.ok(BinaryTensors.body(json, answer.logits()), MediaType.APPLICATION_OCTET_STREAM_TYPE)
                .header(InferRequestReader.JSON_LENGTH, json.length)
                .build();
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
