package io.cema.edge;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the agent does not take, and what it says then. */
@QuarkusTest
@WithTestResource(value = CloudDouble.class, initArgs = @ResourceArg(name = CloudDouble.SERVING, value = "true"))
class ServingLimitsTest {
    private static final String INFER = "/v2/models/residual/infer";

    @BeforeEach
    void model() {
        CloudDouble.running().awaitServing();
    }

    @ParameterizedTest
    @ValueSource(strings = {INFER, "/v1/classify"})
    void body_aboveTheLimit_isTooLarge(String path) {
        given().contentType("image/png")
                .body(new byte[CloudDouble.MAX_BODY + 1])
                .post(path)
                .then()
                .statusCode(413)
                .body("error", containsString("cema.serving.max-body-bytes"));
    }

    @Test
    void body_atTheLimit_isRead() {
        given().contentType("application/json")
                .body(new byte[CloudDouble.MAX_BODY])
                .post(INFER)
                .then()
                .statusCode(400)
                .body("error", containsString("JSON cannot be read"));
    }

    @Test
    void body_ofUnannouncedLengthAboveTheLimit_isTooLarge() throws IOException {
        String head = "POST " + INFER + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
        String chunk = Integer.toHexString(CloudDouble.MAX_BODY + 1) + "\r\n" + " ".repeat(CloudDouble.MAX_BODY + 1)
                + "\r\n0\r\n\r\n";

        try (Socket socket = open(head + chunk)) {
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answer).startsWith("HTTP/1.1 413").contains("cema.serving.max-body-bytes");
        }
    }

    @Test
    void requests_moreThanTheHouseTakes_areToldToComeAgain() throws IOException {
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < CloudDouble.MAX_REQUESTS; i++) {
            slow.add(open("POST " + INFER + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 1000\r\n\r\n{"));
        }
        // The heads of those that are slow take a moment to arrive.
        await().until(() -> empty().statusCode() == 429);

        Response refused = empty();

        assertThat(refused.header("Retry-After")).isEqualTo("1");
        assertThat(refused.jsonPath().getString("error")).contains("cema.serving.max-requests");
        for (Socket socket : slow) {
            socket.close();
        }
        await().until(() -> empty().statusCode() == 400);
    }

    @Test
    void connection_ofARefusedRequest_carriesTheNextOne() throws IOException {
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < CloudDouble.MAX_REQUESTS; i++) {
            slow.add(open("POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
                    + "Content-Length: 1000\r\n\r\n{"));
        }
        await().until(() -> empty().statusCode() == 429);
        String head = "POST " + INFER + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000\r\n";

        try (Socket socket =
                open(head + "\r\n" + " ".repeat(50_000) + head + "Connection: close\r\n\r\n" + " ".repeat(50_000))) {
            String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answers.split("HTTP/1.1 429")).hasSize(3);
        }

        for (Socket socket : slow) {
            socket.close();
        }
        await().until(() -> empty().statusCode() == 400);
    }

    @Test
    void metadata_whileTheHouseIsFull_isAnswered() throws IOException {
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < CloudDouble.MAX_REQUESTS; i++) {
            slow.add(open("POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
                    + "Content-Length: 1000\r\n\r\n{"));
        }
        await().until(() -> empty().statusCode() == 429);

        given().get("/v2/health/ready").then().statusCode(200);
        given().get("/v2/models/residual").then().statusCode(200);

        for (Socket socket : slow) {
            socket.close();
        }
        await().until(() -> empty().statusCode() == 400);
    }

    private static Response empty() {
        return given().contentType("application/json").body("{}").post(INFER);
    }

    private static Socket open(String text) throws IOException {
        Socket socket = new Socket("localhost", RestAssured.port);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }
}
