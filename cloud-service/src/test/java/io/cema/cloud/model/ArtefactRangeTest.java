package io.cema.cloud.model;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestModels;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.config.DecoderConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.specification.RequestSpecification;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a device on a bad line relies on: ranges of artefacts as RFC 9110 has them. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class ArtefactRangeTest {
    private static final String ARTEFACT = "/api/v1/artefacts/{digest}";
    private static final byte[] ONNX = TestModels.small("ranges", 120, 40_000);
    private static final int SIZE = ONNX.length;

    @TestHTTPResource("/")
    URI service;

    private String digest;

    @BeforeEach
    void register() {
        digest = TestModels.register(ONNX, "ranges");
    }

    @Test
    void whole_hasSizeAndTagAndSaysThatRangesWork() {
        byte[] served = get().then()
                .statusCode(200)
                .header("Content-Length", equalTo(Integer.toString(SIZE)))
                .header("Transfer-Encoding", nullValue())
                .header("Accept-Ranges", equalTo("bytes"))
                .header("ETag", equalTo('"' + digest + '"'))
                .extract()
                .asByteArray();

        assertThat(served).isEqualTo(ONNX);
    }

    @Test
    void openRange_isTheRest() {
        assertPart("bytes=" + (SIZE - 300_000) + "-", SIZE - 300_000, SIZE);
    }

    @Test
    void closedRange_isThatPart() {
        assertPart("bytes=100-299999", 100, 300_000);
    }

    @Test
    void rangeThatEndsBeyond_isCutAtTheEnd() {
        assertPart("bytes=100-99999999", 100, SIZE);
    }

    @Test
    void suffixRange_isTheEnd() {
        assertPart("bytes=-1000", SIZE - 1000, SIZE);
    }

    @Test
    void rangeBeyondTheEnd_isRefusedWithTheSize() {
        asking("bytes=" + SIZE + "-")
                .get(ARTEFACT, digest)
                .then()
                .statusCode(416)
                .header("Content-Range", equalTo("bytes */" + SIZE))
                .contentType("application/problem+json")
                .body("type", equalTo("urn:cema:problem:range-not-satisfiable"));
    }

    @Test
    void severalRanges_areTheWhole() {
        asking("bytes=0-1,5-6").get(ARTEFACT, digest).then().statusCode(200);
    }

    @Test
    void ifRangeWithTheTag_isThePart() {
        asking("bytes=100-")
                .header("If-Range", '"' + digest + '"')
                .get(ARTEFACT, digest)
                .then()
                .statusCode(206)
                .header("Content-Range", equalTo("bytes 100-" + (SIZE - 1) + "/" + SIZE));
    }

    @Test
    void ifRangeWithAnotherTag_isTheWhole() {
        byte[] served = asking("bytes=100-")
                .header("If-Range", '"' + "0".repeat(64) + '"')
                .get(ARTEFACT, digest)
                .then()
                .statusCode(200)
                .header("Content-Range", nullValue())
                .extract()
                .asByteArray();

        assertThat(served).isEqualTo(ONNX);
    }

    @Test
    void head_hasTheHeadersAndNoBodyAndKnowsNoRange() {
        byte[] served = asking("bytes=100-")
                .head(ARTEFACT, digest)
                .then()
                .statusCode(200)
                .header("Content-Length", equalTo(Integer.toString(SIZE)))
                .header("Accept-Ranges", equalTo("bytes"))
                .header("ETag", equalTo('"' + digest + '"'))
                .extract()
                .asByteArray();

        assertThat(served).isEmpty();
    }

    @Test
    void head_unknown_isNotFound() {
        given().head(ARTEFACT, "0".repeat(64)).then().statusCode(404);
    }

    /** The client's side of a cut: it reads some bytes and closes, twenty times. */
    @Test
    void cutTwentyTimes_endsWithTheBytesAndNoneTwice() throws IOException {
        Random random = new Random(20);
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        for (int cut = 0; cut < 20; cut++) {
            received.write(part(received.size(), 1 + random.nextInt(SIZE / 21)));
        }
        received.write(part(received.size(), SIZE));

        assertThat(received.toByteArray()).isEqualTo(ONNX);
    }

    /** Up to so many bytes from there on, over a connection of its own that is closed then. */
    private byte[] part(int from, int most) throws IOException {
        try (Socket socket = new Socket(service.getHost(), service.getPort())) {
            socket.getOutputStream()
                    .write(("GET /api/v1/artefacts/" + digest + " HTTP/1.1\r\nHost: cloud\r\nConnection: close\r\n"
                                    + "Range: bytes=" + from + "-\r\nIf-Range: \"" + digest + "\"\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            assertThat(head.toString().lines().findFirst())
                    .hasValueSatisfying(line -> assertThat(line).contains(from == 0 ? "200" : "206"));
            return in.readNBytes(most);
        }
    }

    private void assertPart(String range, int from, int to) {
        byte[] served = asking(range)
                .get(ARTEFACT, digest)
                .then()
                .statusCode(206)
                .header("Content-Range", equalTo("bytes " + from + "-" + (to - 1) + "/" + SIZE))
                .header("Content-Length", equalTo(Integer.toString(to - from)))
                .header("ETag", equalTo('"' + digest + '"'))
                .extract()
                .asByteArray();

        assertThat(served).isEqualTo(Arrays.copyOfRange(ONNX, from, to));
    }

    private io.restassured.response.Response get() {
        return given().config(plain()).get(ARTEFACT, digest);
    }

    private static RequestSpecification asking(String range) {
        return given().config(plain()).header("Range", range);
    }

    private static RestAssuredConfig plain() {
        return RestAssuredConfig.config()
                .decoderConfig(DecoderConfig.decoderConfig().noContentDecoders());
    }
}
