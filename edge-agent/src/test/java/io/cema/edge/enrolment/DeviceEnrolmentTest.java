package io.cema.edge.enrolment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.cema.edge.cloud.CloudConnection;
import io.cema.edge.cloud.PlainHttp;
import io.cema.protocol.enrolment.ClaimToken;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the agent makes of a cloud that is not the right one, or says no. With the right one: EnrolledAgentTest. */
class DeviceEnrolmentTest {
    @TempDir
    Path data;

    private final AtomicInteger asked = new AtomicInteger();
    private HttpServer http;
    private int status;
    private String answer;

    @BeforeEach
    void start() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/api/v1/enrolments", exchange -> {
            asked.incrementAndGet();
            exchange.getRequestBody().readAllBytes();
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        http.start();
    }

    @AfterEach
    void stop() {
        http.stop(0);
    }

    @Test
    void cloud_of_another_authority_is_not_believed() throws Exception {
        givesCertificates();
        ClaimToken claim = ClaimToken.create("0".repeat(64));

        assertThatThrownBy(() -> enrolment(claim).ensure())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not the cloud that made the claim");
        assertThat(DeviceCertificate.stored(folder())).isEmpty();
    }

    @Test
    void certificate_for_somebody_else_is_not_taken() throws Exception {
        String authority = givesCertificates();
        ClaimToken claim = ClaimToken.create(DeviceCertificate.fingerprint(authority));

        // It is no refusal, so it is asked again; one try is enough here.
        assertThatThrownBy(() -> enrolment(claim).enrol(claim)).hasMessageContaining("this device is default/d/cam-1");
        assertThat(DeviceCertificate.stored(folder())).isEmpty();
    }

    @Test
    void refusal_is_told_and_not_tried_again() throws Exception {
        status = 403;
        answer = "{\"detail\": \"ask an operator for a new claim\"}";

        assertThatThrownBy(() -> enrolment(ClaimToken.create("0".repeat(64))).ensure())
                .hasMessageContaining("cema.enrol.claim")
                .hasMessageContaining("ask an operator for a new claim");
        assertThat(asked).hasValue(1);
    }

    @Test
    void refused_new_claim_leaves_the_certificate_there_is() throws Exception {
        String pem = givesCertificates();
        DeviceCertificate.save(folder(), new CertificateClient.Given(pem, pem, 4), "of an earlier claim");
        status = 403;

        enrolment(ClaimToken.create("0".repeat(64))).ensure();

        assertThat(asked).hasValue(1);
        assertThat(DeviceCertificate.stored(folder()).orElseThrow().generation())
                .isEqualTo(4);
    }

    private Enrolment enrolment(ClaimToken claim) {
        return new Enrolment(
                folder(),
                "default",
                "cam-1",
                Optional.of(claim),
                new CloudConnection(
                        URI.create("http://127.0.0.1:" + http.getAddress().getPort()),
                        PlainHttp.LOOPBACK,
                        Optional::empty,
                        () -> List.of(Instant.now())),
                Clock.systemUTC());
    }

    private Path folder() {
        return data.resolve("certificate");
    }

    /** A stranger's authority, and its own certificate as the one it gives. */
    private String givesCertificates() throws IOException, InterruptedException {
        Path store = data.resolve("stranger.p12");
        keytool("-genkeypair", "-keyalg", "EC", "-dname", "CN=stranger", "-keystore", store.toString());
        Path pem = data.resolve("stranger.pem");
        keytool("-exportcert", "-rfc", "-file", pem.toString(), "-keystore", store.toString());
        String text = Files.readString(pem);
        status = 201;
        answer = new ObjectMapper().writeValueAsString(Map.of("certificate", text, "authority", text, "generation", 1));
        return text;
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 5];
        command[0] = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        System.arraycopy(new String[] {"-alias", "it", "-storepass", "password"}, 0, command, arguments.length + 1, 4);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
    }
}
