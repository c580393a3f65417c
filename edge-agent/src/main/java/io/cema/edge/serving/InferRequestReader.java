package io.cema.edge.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.cema.edge.serving.OpenInference.InferRequest;
import io.cema.edge.serving.OpenInference.InputTensor;
import io.cema.edge.serving.OpenInference.RequestedOutput;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Reads the body of an inference request. Thread-safe. */
final class InferRequestReader {
    private static final ObjectMapper JSON = new ObjectMapper()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private InferRequestReader() {}

    /**
     * A request as it came.
     *
     * @param id to be given back with the answer; null if there was none
     */
    record Received(String id, InferenceCall call) {}

    /** @throws InferenceRequestException if the body is not an inference request */
    static Received read(String model, String version, InputStream body) {
        InferRequest request = parse(body);
        List<InferenceCall.Tensor> inputs = new ArrayList<>();
        for (InputTensor input : request.inputs()) {
            inputs.add(tensor(input));
        }
        return new Received(request.id(), new InferenceCall(model, version, inputs, outputs(request)));
    }

    private static InferRequest parse(InputStream body) {
        InferRequest request;
        try {
            request = JSON.readValue(body, InferRequest.class);
        } catch (JsonProcessingException e) {
            throw InferenceRequestException.badRequest(explain(e));
        } catch (IOException e) {
            throw InferenceRequestException.badRequest("the request's body broke off: " + e.getMessage());
        }
        if (request == null || request.inputs() == null || request.inputs().contains(null)) {
            throw InferenceRequestException.badRequest("the request has no list of tensors under \"inputs\"");
        }
        return request;
    }

    private static InferenceCall.Tensor tensor(InputTensor input) {
        if (input.name() == null || input.shape() == null || input.shape().contains(null)) {
            throw InferenceRequestException.badRequest("every input needs a \"name\" and a \"shape\" of whole numbers");
        }
        InferenceCall.requireFp32(input.name(), input.datatype());
        if (input.data() == null) {
            throw InferenceRequestException.badRequest("input " + input.name() + " has no \"data\"");
        }
        return new InferenceCall.Tensor(
                input.name(), input.shape(), input.data().values());
    }

    private static List<String> outputs(InferRequest request) {
        if (request.outputs() == null) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        for (RequestedOutput output : request.outputs()) {
            if (output == null || output.name() == null) {
                throw InferenceRequestException.badRequest("every entry of \"outputs\" needs a \"name\"");
            }
            names.add(output.name());
        }
        return names;
    }

    /** Where in the JSON what is wrong, without the names of our classes. */
    private static String explain(JsonProcessingException e) {
        String place = e.getLocation() == null
                ? ""
                : " (line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ")";
        String field = e instanceof JsonMappingException mapping
                ? mapping.getPath().stream()
                        .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
                        .collect(Collectors.joining("."))
                        .replace(".[", "[")
                : "";
        if (e instanceof MismatchedInputException) {
            return "the request's JSON is not what the protocol says" + (field.isEmpty() ? "" : " at " + field) + place;
        }
        return "the request's JSON cannot be read" + (field.isEmpty() ? "" : " at " + field) + place + ": "
                + e.getOriginalMessage();
    }
}
