package io.cema.edge.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.cema.edge.serving.OpenInference.InferRequest;
import io.cema.edge.serving.OpenInference.InputTensor;
import io.cema.edge.serving.OpenInference.RequestedOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Reads the body of an inference request. Thread-safe. */
final class InferRequestReader {
    private static final ObjectReader JSON = new ObjectMapper()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .readerFor(InferRequest.class);

    /** The header that says how much of the body is JSON, in requests and answers. */
    static final String JSON_LENGTH = "Inference-Header-Content-Length";

    /** What would change an answer's form; passing it over would hand out something else than was asked for. */
    private static final List<String> FOREIGN_EXTENSIONS = List.of("classification", "shared_memory_region");

    private static final int QUICK_BODY_BYTES = 1 << 20;
    private static final int QUICK_JSON_BYTES = 8 << 10;

    private InferRequestReader() {}

    /**
     * A request as it came.
     *
     * @param id to be given back with the answer; null if there was none
     * @param binary whether the answer's tensor is to follow its JSON in binary
     */
    record Received(String id, InferenceCall call, boolean binary) {}

    /**
     * Reads a body of JSON, or of JSON and binary tensors.
     *
     * @param jsonLength the header {@code Inference-Header-Content-Length}; null if there was none, which says that all
     *     of the body is JSON
     * @throws InferenceRequestException if the body is not an inference request
     */
    static Received read(String model, String version, byte[] body, String jsonLength) {
        int length = jsonLength == null ? body.length : length(jsonLength, body.length);
        InferRequest request = parse(body, length);
        BinaryTensors binary = new BinaryTensors(ByteBuffer.wrap(body, length, body.length - length));
        List<InferenceCall.Tensor> inputs = new ArrayList<>();
        for (InputTensor input : request.inputs()) {
            inputs.add(tensor(input, binary, jsonLength != null));
        }
        binary.requireEnd();
        return new Received(request.id(), new InferenceCall(model, version, inputs, outputs(request)), binary(request));
    }

    /**
     * Whether reading a body takes so little that an event loop may do it: handing it to another thread would take longer.
     * Binary tensors are copied, numbers in JSON are parsed one by one.
     *
     * @param jsonLength as in {@link #read}; one that cannot be read is quickly refused
     */
    static boolean quick(int bodyLength, String jsonLength) {
        if (jsonLength == null || bodyLength > QUICK_BODY_BYTES) {
            return false;
        }
        try {
            return Integer.parseInt(jsonLength.trim()) <= QUICK_JSON_BYTES;
        } catch (NumberFormatException e) {
            return true;
        }
    }

    private static int length(String header, int bodyLength) {
        try {
            int length = Integer.parseInt(header.trim());
            if (length >= 0 && length <= bodyLength) {
                return length;
            }
        } catch (NumberFormatException e) {
            // Refused below.
        }
        throw InferenceRequestException.badRequest(JSON_LENGTH + " is " + header
                + ", needs the number of bytes of the JSON, at most the body's " + bodyLength);
    }

    private static InferRequest parse(byte[] body, int length) {
        InferRequest request;
        try {
            request = JSON.readValue(body, 0, length);
        } catch (JsonProcessingException e) {
            throw InferenceRequestException.badRequest(explain(e));
        } catch (IOException e) {
            throw new UncheckedIOException("an array in memory cannot be read", e);
        }
        if (request == null || request.inputs() == null || request.inputs().contains(null)) {
            throw InferenceRequestException.badRequest("the request has no list of tensors under \"inputs\"");
        }
        return request;
    }

    private static InferenceCall.Tensor tensor(InputTensor input, BinaryTensors binary, boolean binaryAnnounced) {
        if (input.name() == null || input.shape() == null || input.shape().contains(null)) {
            throw InferenceRequestException.badRequest("every input needs a \"name\" and a \"shape\" of whole numbers");
        }
        InferenceCall.requireFp32(input.name(), input.datatype());
        JsonNode size = parameter(input.parameters(), "binary_data_size");
        if (size.isMissingNode() == (input.data() == null)) {
            throw InferenceRequestException.badRequest("input " + input.name()
                    + " needs either \"data\" or the parameter binary_data_size, has "
                    + (input.data() == null ? "neither" : "both"));
        }
        if (input.data() != null) {
            return new InferenceCall.Tensor(
                    input.name(), input.shape(), input.data().values());
        }
        if (!binaryAnnounced || !size.isIntegralNumber() || !size.canConvertToLong()) {
            throw InferenceRequestException.badRequest("input " + input.name() + " has binary_data_size " + size
                    + ", needs a whole number of bytes behind the JSON, and the header " + JSON_LENGTH);
        }
        return new InferenceCall.Tensor(input.name(), input.shape(), binary.next(input.name(), size.longValue()));
    }

    /** Whether the answer's one tensor is wanted in binary: its own parameter says so before the request's. */
    private static boolean binary(InferRequest request) {
        JsonNode wanted = parameter(request.parameters(), "binary_data_output");
        if (request.outputs() != null && !request.outputs().isEmpty()) {
            JsonNode own = parameter(request.outputs().get(0).parameters(), "binary_data");
            wanted = own.isMissingNode() ? wanted : own;
        }
        if (!wanted.isMissingNode() && !wanted.isBoolean()) {
            throw InferenceRequestException.badRequest(
                    "binary_data_output or binary_data is " + wanted + ", needs true or false");
        }
        return wanted.asBoolean(false);
    }

    private static JsonNode parameter(JsonNode parameters, String name) {
        return parameters == null ? MissingNode.getInstance() : parameters.path(name);
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
            for (String extension : FOREIGN_EXTENSIONS) {
                if (!parameter(output.parameters(), extension).isMissingNode()) {
                    throw InferenceRequestException.badRequest("output " + output.name() + " asks for " + extension
                            + ", an extension this agent does not have; see \"extensions\" at /v2");
                }
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
