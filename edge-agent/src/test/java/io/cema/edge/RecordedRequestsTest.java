package io.cema.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What public clients put on the wire, byte for byte, and the answers that the specification asks for; see README.md
 * beside the recordings.
 */
@QuarkusTest
@WithTestResource(value = CloudDouble.class, initArgs = @ResourceArg(name = CloudDouble.SERVING, value = "true"))
class RecordedRequestsTest {
    private static final Path RECORDINGS = Path.of("src/test/resources/recorded");
    private static final ObjectMapper JSON = new ObjectMapper();

    private record Answer(int status, Map<String, String> headers, byte[] body) {}

    static Stream<String> recordings() throws IOException {
        try (Stream<Path> files = Files.list(RECORDINGS)) {
            List<String> names = files.map(f -> f.getFileName().toString())
                    .filter(n -> n.endsWith(".request"))
                    .map(n -> n.replace(".request", ""))
                    .sorted()
                    .toList();
            assertThat(names).hasSizeGreaterThan(20);
            return names.stream();
        }
    }

    @BeforeEach
    void model() {
        CloudDouble.running().awaitServing();
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void request_asRecorded_getsTheAnswerOfTheSpecification(String name) throws IOException {
        JsonNode expected =
                JSON.readTree(RECORDINGS.resolve(name + ".answer.json").toFile());

        Answer answer = send(Files.readAllBytes(RECORDINGS.resolve(name + ".request")));

        String text = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.status()).as(text).isEqualTo(expected.get("status").intValue());
        assertThat(answer.headers().get("content-type"))
                .startsWith(expected.get("content_type").textValue());
        assertThat(Integer.parseInt(answer.headers().get("content-length"))).isEqualTo(answer.body().length);
        String jsonLength = answer.headers().get("inference-header-content-length");
        assertThat(jsonLength != null).isEqualTo(expected.has("binary"));
        int head = jsonLength == null ? answer.body().length : Integer.parseInt(jsonLength);
        requireAlike(expected.get("json"), JSON.readTree(answer.body(), 0, head), name);
        if (expected.has("binary")) {
            ByteBuffer floats = ByteBuffer.wrap(answer.body(), head, answer.body().length - head)
                    .slice()
                    .order(ByteOrder.LITTLE_ENDIAN);
            assertThat(floats.remaining()).isEqualTo(4 * expected.get("binary").size());
            for (JsonNode value : expected.get("binary")) {
                assertThat(floats.getFloat()).isCloseTo(value.floatValue(), within(1e-4f));
            }
        }
    }

    /** The same fields in any order and no others, numbers to 1e-4; a text that ends in "..." is a beginning. */
    private static void requireAlike(JsonNode expected, JsonNode actual, String place) {
        if (expected.isObject()) {
            assertThat(actual.fieldNames())
                    .toIterable()
                    .as(place)
                    .containsExactlyInAnyOrderElementsOf(expected::fieldNames);
            for (Iterator<String> names = expected.fieldNames(); names.hasNext(); ) {
                String name = names.next();
                requireAlike(expected.get(name), actual.get(name), place + "." + name);
            }
        } else if (expected.isArray()) {
            assertThat(actual).as(place).hasSize(expected.size());
            for (int i = 0; i < expected.size(); i++) {
                requireAlike(expected.get(i), actual.get(i), place + "[" + i + "]");
            }
        } else if (expected.isNumber()) {
            assertThat(actual.doubleValue()).as(place).isCloseTo(expected.doubleValue(), within(1e-4));
        } else if (expected.isTextual() && expected.textValue().endsWith("...")) {
            assertThat(actual.textValue())
                    .as(place)
                    .startsWith(expected.textValue().replace("...", ""));
        } else {
            assertThat(actual).as(place).isEqualTo(expected);
        }
    }

    private static Answer send(byte[] request) throws IOException {
        byte[] bytes;
        try (Socket socket = new Socket("localhost", RestAssured.port)) {
            socket.getOutputStream().write(request);
            socket.getOutputStream().flush();
            bytes = socket.getInputStream().readAllBytes();
        }
        String latin = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = latin.indexOf("\r\n\r\n");
        String[] lines = latin.substring(0, end).split("\r\n");
        Map<String, String> headers = new TreeMap<>();
        for (String line : List.of(lines).subList(1, lines.length)) {
            headers.put(
                    line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT),
                    line.substring(line.indexOf(':') + 1).trim());
        }
        byte[] body = java.util.Arrays.copyOfRange(bytes, end + 4, bytes.length);
        return new Answer(Integer.parseInt(lines[0].split(" ")[1]), headers, body);
    }
}
