package io.cema.edge.serving.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import io.cema.edge.serving.grpc.message.InferParameter;
import io.cema.edge.serving.grpc.message.InferTensorContents;
import io.cema.edge.serving.grpc.message.ModelInferRequest;
import io.cema.edge.serving.grpc.message.ModelInferResponse;
import io.cema.edge.serving.grpc.message.ModelMetadataResponse;
import io.cema.edge.serving.grpc.message.OpenInference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Names, numbers and types as the specification publishes them; another would be another protocol. */
class WireFormatTest {
    @Test
    void service_hasThePublishedMethods() {
        var service = OpenInference.getDescriptor().findServiceByName("GRPCInferenceService");

        assertThat(service.getFullName()).isEqualTo("inference.GRPCInferenceService");
        assertThat(service.getMethods().stream().map(MethodDescriptor::getName))
                .containsExactly(
                        "ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "ModelMetadata", "ModelInfer");
    }

    @Test
    void request_hasThePublishedFields() {
        assertThat(fields(ModelInferRequest.getDescriptor()))
                .isEqualTo("1 model_name STRING, 2 model_version STRING, 3 id STRING, 4 parameters MESSAGE,"
                        + " 5 inputs MESSAGE, 6 outputs MESSAGE, 7 raw_input_contents BYTES");
        assertThat(fields(ModelInferRequest.InferInputTensor.getDescriptor()))
                .isEqualTo("1 name STRING, 2 datatype STRING, 3 shape INT64, 4 parameters MESSAGE, 5 contents MESSAGE");
        assertThat(fields(ModelInferRequest.InferRequestedOutputTensor.getDescriptor()))
                .isEqualTo("1 name STRING, 2 parameters MESSAGE");
    }

    @Test
    void response_hasThePublishedFields() {
        assertThat(fields(ModelInferResponse.getDescriptor()))
                .isEqualTo("1 model_name STRING, 2 model_version STRING, 3 id STRING, 4 parameters MESSAGE,"
                        + " 5 outputs MESSAGE, 6 raw_output_contents BYTES");
        assertThat(fields(ModelInferResponse.InferOutputTensor.getDescriptor()))
                .isEqualTo("1 name STRING, 2 datatype STRING, 3 shape INT64, 4 parameters MESSAGE, 5 contents MESSAGE");
    }

    @Test
    void metadata_hasThePublishedFields() {
        assertThat(fields(ModelMetadataResponse.getDescriptor()))
                .isEqualTo("1 name STRING, 2 versions STRING, 3 platform STRING, 4 inputs MESSAGE, 5 outputs MESSAGE");
        assertThat(fields(ModelMetadataResponse.TensorMetadata.getDescriptor()))
                .isEqualTo("1 name STRING, 2 datatype STRING, 3 shape INT64");
    }

    @Test
    void values_haveThePublishedFields() {
        assertThat(fields(InferParameter.getDescriptor()))
                .isEqualTo("1 bool_param BOOL, 2 int64_param INT64, 3 string_param STRING, 4 double_param DOUBLE,"
                        + " 5 uint64_param UINT64");
        assertThat(fields(InferTensorContents.getDescriptor()))
                .isEqualTo("1 bool_contents BOOL, 2 int_contents INT32, 3 int64_contents INT64, 4 uint_contents UINT32,"
                        + " 5 uint64_contents UINT64, 6 fp32_contents FLOAT, 7 fp64_contents DOUBLE,"
                        + " 8 bytes_contents BYTES");
    }

    private static String fields(Descriptor message) {
        return message.getFields().stream()
                .map(f -> f.getNumber() + " " + f.getName() + " " + f.getType())
                .collect(Collectors.joining(", "));
    }
}
