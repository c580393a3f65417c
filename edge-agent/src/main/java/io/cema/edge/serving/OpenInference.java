package io.cema.edge.serving;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** The JSON of the Open Inference Protocol, version 2, as far as this agent speaks it. */
final class OpenInference {
    private OpenInference() {}

    record ServerMetadata(String name, String version, List<String> extensions) {}

    record Live(boolean live) {}

    record Ready(boolean ready) {}

    record ModelReady(String name, boolean ready) {}

    record RepositoryEntry(String name, String version, String state, String reason) {}

    /** @param shape -1 for the batch */
    record TensorMetadata(String name, String datatype, List<Long> shape) {}

    record ModelMetadata(
            String name,
            List<String> versions,
            String platform,
            List<TensorMetadata> inputs,
            List<TensorMetadata> outputs) {}

    /** @param parameters object of the request; unknown ones are passed over, as the protocol asks */
    record InferRequest(String id, JsonNode parameters, List<InputTensor> inputs, List<RequestedOutput> outputs) {}

    record InputTensor(String name, List<Long> shape, String datatype, JsonNode parameters, TensorData data) {}

    record RequestedOutput(String name, JsonNode parameters) {}

    /**
     * An output, its values in JSON or behind it.
     *
     * @param parameters null if the values are in JSON
     * @param data null if the values follow in binary
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record OutputTensor(String name, List<Integer> shape, String datatype, BinaryParameters parameters, float[] data) {}

    record BinaryParameters(@JsonProperty("binary_data_size") int binaryDataSize) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record InferResponse(
            @JsonProperty("model_name") String modelName,
            @JsonProperty("model_version") String modelVersion,
            String id,
            List<OutputTensor> outputs) {}

    record Problem(String error) {}
}
