package io.cema.edge.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.edge.serving.InferRequestReader.Received;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The binary tensor data extension, reading and writing. */
class BinaryTensorRequestTest {
    @Property(tries = 50)
    void values_throughABinaryBody_areTheSameBits(@ForAll @Size(max = 200) float[] values) {
        byte[] body = BinaryTensors.body("{}".getBytes(StandardCharsets.UTF_8), values);

        float[] read = new BinaryTensors(ByteBuffer.wrap(body, 2, body.length - 2)).next("input", 4L * values.length);

        assertThat(read).containsExactly(values);
    }

    @Test
    void tensors_inJsonAndBinary_areReadInTheirOrder() {
        String json = "{\"inputs\": [" + binary("a", 8) + "," + inJson("b", "[9]") + "," + binary("c", 4) + "]}";

        Received received = read(json, floats(1, 2, 3));

        assertThat(received.call().inputs().get(0).values()).containsExactly(1, 2);
        assertThat(received.call().inputs().get(1).values()).containsExactly(9);
        assertThat(received.call().inputs().get(2).values()).containsExactly(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "12 | only 8 bytes of the body are left",
                "4 | the body has 4 bytes more",
                "7 | needs a multiple of 4",
                "-4 | needs a multiple of 4",
                "4294967304 | only 8 bytes",
                "8.5 | needs a whole number",
                "\"8\" | needs a whole number",
            })
    void size_thatTheBodyDoesNotHave_isRefused(String size, String reason) {
        String json = "{\"inputs\": [{\"name\": \"a\", \"shape\": [2], \"datatype\": \"FP32\","
                + " \"parameters\": {\"binary_data_size\": " + size + "}}]}";

        assertThatThrownBy(() -> read(json, floats(1, 2)))
                .isInstanceOf(InferenceRequestException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "x", "", "1000000", "99999999999"})
    void jsonLength_thatIsNone_isRefused(String header) {
        byte[] body = "{\"inputs\": []}".getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> InferRequestReader.read("m", "", body, header))
                .isInstanceOf(InferenceRequestException.class)
                .hasMessageContaining("Inference-Header-Content-Length is " + header);
    }

    @Test
    void binaryTensor_withoutTheHeader_isRefused() {
        byte[] body = ("{\"inputs\": [" + binary("a", 0) + "]}").getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> InferRequestReader.read("m", "", body, null))
                .hasMessageContaining("the header Inference-Header-Content-Length");
    }

    @Test
    void tensor_inJsonAndInBinary_isRefused() {
        String json = "{\"inputs\": [{\"name\": \"a\", \"shape\": [1], \"datatype\": \"FP32\", \"data\": [1],"
                + " \"parameters\": {\"binary_data_size\": 4}}]}";

        assertThatThrownBy(() -> read(json, floats(1))).hasMessageContaining("has both");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"inputs\": []} | false",
                "{\"inputs\": [], \"parameters\": {\"binary_data_output\": true}} | true",
                "{\"inputs\": [], \"outputs\": [{\"name\": \"o\"}], \"parameters\": {\"binary_data_output\": true}} | true",
                "{\"inputs\": [], \"outputs\": [{\"name\": \"o\", \"parameters\": {\"binary_data\": true}}]} | true",
                "{\"inputs\": [], \"outputs\": [{\"name\": \"o\", \"parameters\": {\"binary_data\": false}}],"
                        + " \"parameters\": {\"binary_data_output\": true}} | false",
            })
    void answer_isBinary_whereTheOutputOrElseTheRequestSaysSo(String json, boolean binary) {
        assertThat(read(json, new byte[0]).binary()).isEqualTo(binary);
    }

    @Test
    void output_asClassification_isRefused() {
        String json = "{\"inputs\": [], \"outputs\": [{\"name\": \"o\", \"parameters\": {\"classification\": 2}}]}";

        assertThatThrownBy(() -> read(json, new byte[0])).hasMessageContaining("asks for classification");
    }

    private static String binary(String name, int size) {
        return "{\"name\": \"" + name + "\", \"shape\": [1], \"datatype\": \"FP32\","
                + " \"parameters\": {\"binary_data_size\": " + size + "}}";
    }

    private static String inJson(String name, String data) {
        return "{\"name\": \"" + name + "\", \"shape\": [1], \"datatype\": \"FP32\", \"data\": " + data + "}";
    }

    private static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    private static Received read(String json, byte[] binary) {
        byte[] head = json.getBytes(StandardCharsets.UTF_8);
        byte[] body = ByteBuffer.allocate(head.length + binary.length)
                .put(head)
                .put(binary)
                .array();
        return InferRequestReader.read("m", "", body, Integer.toString(head.length));
    }
}
