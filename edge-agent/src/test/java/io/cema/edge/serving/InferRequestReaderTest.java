package io.cema.edge.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.edge.serving.InferRequestReader.Received;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InferRequestReaderTest {
    @ParameterizedTest
    @ValueSource(strings = {"[1, 2.5, -3e-2, 4]", "[[1, 2.5], [-3e-2, 4]]", "[[[1], [2.5]], [[-3e-2], [4]]]"})
    void data_flatOrNested_isReadRowByRow(String data) {
        Received received = read(request("\"FP32\"", data));

        assertThat(received.call().inputs().get(0).values()).containsExactly(1f, 2.5f, -.03f, 4f);
    }

    @Test
    void data_aboveTheFirstBuffer_isReadWhole() {
        StringBuilder data = new StringBuilder("[0");
        for (int i = 1; i < 5000; i++) {
            data.append(',').append(i);
        }

        float[] values =
                read(request("\"FP32\"", data + "]")).call().inputs().get(0).values();

        assertThat(values).hasSize(5000);
        assertThat(values[4999]).isEqualTo(4999f);
    }

    @Test
    void request_withFieldsOfOtherServers_isRead() {
        Received received = read("{\"model_name\": \"m\", \"id\": \"7\", \"parameters\": {\"priority\": 2},"
                + " \"outputs\": [{\"name\": \"logits\", \"parameters\": {\"priority\": 2}}],"
                + " \"inputs\": [{\"name\": \"input\", \"shape\": [1], \"datatype\": \"FP32\", \"data\": [1]}]}");

        assertThat(received.id()).isEqualTo("7");
        assertThat(received.call().outputs()).containsExactly("logits");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"inputs\": [{\"name\": 1, }]} | cannot be read",
                "[] | not what the protocol says",
                "{\"inputs\": {}} | at inputs (line 1",
                "{\"inputs\": [{\"shape\": [\"x\"]}]} | at inputs[0].shape[0]",
                "{} | no list of tensors under \"inputs\"",
                "null | no list of tensors",
                "{\"inputs\": [null]} | no list of tensors",
                "{\"inputs\": [{\"name\": \"a\"}]} | every input needs",
                "{\"inputs\": []} trailing | cannot be read",
                "{\"inputs\": [], \"outputs\": [{}]} | every entry of \"outputs\"",
            })
    void request_notOfTheProtocol_isRefusedWithThePlace(String json, String reason) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(InferenceRequestException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"FP32\" | [1, \"2\"] | value 1 is 2",
                "\"FP32\" | [1, null] | value 1 is null",
                "\"FP32\" | 5 | needs an array",
                "\"FP32\" | null | has neither",
                "\"INT32\" | [1] | datatype INT32, needs FP32",
                "null | [1] | datatype null, needs FP32",
            })
    void tensor_notOfFloats_isRefused(String datatype, String data, String reason) {
        assertThatThrownBy(() -> read(request(datatype, data)))
                .isInstanceOf(InferenceRequestException.class)
                .hasMessageContaining(reason);
    }

    private static String request(String datatype, String data) {
        return "{\"inputs\": [{\"name\": \"input\", \"shape\": [4], \"datatype\": " + datatype + ", \"data\": " + data
                + "}]}";
    }

    private static Received read(String json) {
        return InferRequestReader.read("m", "", json.getBytes(StandardCharsets.UTF_8), null);
    }
}
