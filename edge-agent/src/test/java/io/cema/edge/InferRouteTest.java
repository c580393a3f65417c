package io.cema.edge;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP itself at the inference route, whatever the body says. */
@QuarkusTest
@WithTestResource(value = CloudDouble.class, initArgs = @ResourceArg(name = CloudDouble.SERVING, value = "true"))
class InferRouteTest {
    private static final String INFER = "/v2/models/residual/infer";
    private static final String HEAD =
            "POST " + INFER + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    private static final String NO_INPUTS = "no list of tensors";

    @BeforeEach
    void model() {
        CloudDouble.running().awaitServing();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE", "PATCH"})
    void method_other_isNotAllowedAndSaysWhichIs(String method) {
        given().request(method, INFER)
                .then()
                .statusCode(405)
                .header("Allow", containsString("POST"))
                .body("error", containsString("405 Method Not Allowed at " + INFER));
    }

    @Test
    void options_sayWhatIsAllowed() {
        given().options(INFER)
                .then()
                .statusCode(200)
                .header("Allow", containsString("POST"))
                .body(emptyString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "text/plain; charset=UTF-8", "application/cbor"})
    void type_thatIsNotRead_isNamed(String type) throws Exception {
        HttpResponse<String> answer = send(HttpClient.newHttpClient(), type);

        assertThat(answer.statusCode()).isEqualTo(415);
        assertThat(answer.body()).contains("Content-Type is " + type).contains("application/octet-stream");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "Application/JSON; charset=utf-8", "application/*", "*/*"})
    void type_compatibleWithJson_isRead(String type) throws Exception {
        HttpResponse<String> answer = send(HttpClient.newHttpClient(), type);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains(NO_INPUTS);
    }

    @Test
    void model_withEncodedCharacters_isAskedForDecoded() {
        given().urlEncodingEnabled(false)
                .contentType("application/json")
                .body("{\"inputs\":[]}")
                .post("/v2/models/a%20b%2Fc+d/versions/1/infer")
                .then()
                .statusCode(404)
                .body("error", containsString("no model a b/c+d here"));
    }

    @Test
    void path_endingInASlash_isTheSame() {
        given().contentType("application/json")
                .body("{}")
                .post(INFER + "/")
                .then()
                .statusCode(400);
    }

    /** Clients that announce a large body wait for this before they send it. */
    @Test
    void client_thatAsksWhetherToGoOn_isToldTo() throws IOException {
        try (Socket socket = open(HEAD + "Expect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n")) {
            assertThat(head(socket.getInputStream())).startsWith("HTTP/1.1 100 ");

            write(socket, "{}");

            assertThat(rest(socket)).startsWith("HTTP/1.1 400").contains(NO_INPUTS);
        }
    }

    @Test
    void requests_sentTogether_areAnsweredInTheirOrder() throws IOException {
        String first = HEAD + "Content-Length: 2\r\n\r\n{}";
        String second = HEAD + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                + "6\r\n{\"inpu\r\n7\r\nts\":[]}\r\n0\r\n\r\n";

        try (Socket socket = open(first + second)) {
            assertThat(rest(socket)).containsSubsequence(NO_INPUTS, "HTTP/1.1 400", "brings 0 input tensors");
        }
    }

    @Test
    void body_ofUnannouncedLength_isRefusedWhileItStillComes() throws IOException {
        String chunk = Integer.toHexString(60_000) + "\r\n" + " ".repeat(60_000) + "\r\n";

        try (Socket socket = open(HEAD + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk)) {
            assertThat(head(socket.getInputStream()))
                    .startsWith("HTTP/1.1 413")
                    .containsIgnoringCase("connection: close");
        }
    }

    @Test
    void body_sentSlowly_isReadToItsEnd() throws Exception {
        try (Socket socket = open(HEAD + "Content-Length: 13\r\nConnection: close\r\n\r\n{\"inpu")) {
            Thread.sleep(50);
            write(socket, "ts\":[]}");

            assertThat(rest(socket)).startsWith("HTTP/1.1 400").contains("brings 0 input tensors");
        }
    }

    @Test
    void infer_overHttp2_isAnswered() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        client.send(HttpRequest.newBuilder(uri("/v2")).build(), BodyHandlers.discarding());

        HttpResponse<String> answer = send(client, "application/json");

        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains(NO_INPUTS);
    }

    @Test
    void body_aboveTheLimitOverHttp2_isTooLarge() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        client.send(HttpRequest.newBuilder(uri("/v2")).build(), BodyHandlers.discarding());

        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(uri(INFER))
                        .POST(BodyPublishers.ofByteArray(new byte[CloudDouble.MAX_BODY + 1]))
                        .build(),
                BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).contains("cema.serving.max-body-bytes");
    }

    @Test
    void requests_areCountedByRouteAndNotByModel() {
        given().contentType("application/json").body("{}").post("/v2/models/one-of-many/infer");

        given().get("/q/metrics")
                .then()
                .statusCode(equalTo(200))
                .body(containsString("uri=\"/v2/models/{model}/infer\""));
    }

    private static HttpResponse<String> send(HttpClient client, String type) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(uri(INFER))
                        .header("Content-Type", type)
                        .POST(BodyPublishers.ofString("{}"))
                        .build(),
                BodyHandlers.ofString());
    }

    private static URI uri(String path) {
        return URI.create("http://localhost:" + RestAssured.port + path);
    }

    private static Socket open(String text) throws IOException {
        Socket socket = new Socket("localhost", RestAssured.port);
        socket.setSoTimeout(60_000);
        write(socket, text);
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    /** The next head, up to its empty line. */
    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            int next = in.read();
            assertThat(next).as("the connection ends after: %s", head).isNotNegative();
            head.write(next);
        }
        return head.toString(StandardCharsets.US_ASCII);
    }

    private static String rest(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
}
