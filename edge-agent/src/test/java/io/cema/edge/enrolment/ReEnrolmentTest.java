package io.cema.edge.enrolment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.cema.edge.cloud.CloudConnection;
import io.cema.edge.cloud.PlainHttp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device whose certificate cannot be renewed any more, and a cloud that asks an operator. The cloud's side: its own test. */
class ReEnrolmentTest {
    @TempDir
    Path data;

    private final List<String> asked = new ArrayList<>();
    private HttpServer http;
    private int renewal = 403;
    private int decision = 202;
    private String answer = "{}";
    private String authority;
    private DeviceCertificate present;
    private Enrolment enrolment;

    @BeforeEach
    void enrolled() throws Exception {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        serve("/api/v1/devices/cam-1/certificate", "renewal");
        serve("/api/v1/re-enrolments", "re-enrolment");
        http.start();
        keytool("-genkeypair", "-keyalg", "EC", "-dname", "CN=ca", "-ext", "bc=ca:true");
        keytool("-exportcert", "-rfc", "-file", data.resolve("ca.pem").toString());
        authority = Files.readString(data.resolve("ca.pem"));
        present = DeviceCertificate.save(folder(), given(), "of some claim");
        enrolment = new Enrolment(
                folder(),
                "default",
                "cam-1",
                Optional.empty(),
                new CloudConnection(
                        URI.create("http://127.0.0.1:" + http.getAddress().getPort()),
                        PlainHttp.LOOPBACK,
                        Optional::empty,
                        () -> List.of(Instant.now())),
                Clock.systemUTC());
    }

    @AfterEach
    void stop() {
        enrolment.close();
        http.stop(0);
    }

    @Test
    void refusedRenewal_asksForAnOperatorsWordAndKeepsWhatThereIs() throws Exception {
        String before = Files.readString(present.chain());

        assertThat(enrolment.renew(present)).isFalse();

        assertThat(asked).containsExactly("renewal", "re-enrolment");
        assertThat(Files.readString(present.chain())).isEqualTo(before);
    }

    @Test
    void approved_isTakenUpUnderTheSameGeneration() throws Exception {
        decision = 200;
        CertificateClient.Given next = given();
        answer = new ObjectMapper()
                .writeValueAsString(
                        Map.of("certificate", next.certificate(), "authority", next.authority(), "generation", 1));

        assertThat(enrolment.renew(present)).isTrue();

        assertThat(Files.readString(present.chain())).startsWith(next.certificate());
        assertThat(DeviceCertificate.stored(folder()).orElseThrow().generation())
                .isEqualTo(3);
    }

    @Test
    void denied_isTold() {
        decision = 403;
        answer = "{\"detail\": \"ask an operator for a new claim\"}";

        assertThatThrownBy(() -> enrolment.renew(present))
                .isInstanceOf(EnrolmentRefusedException.class)
                .hasMessageContaining("ask an operator");
    }

    @Test
    void cloudThatIsDown_isNoRefusal() {
        renewal = 503;

        assertThatThrownBy(() -> enrolment.renew(present))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(EnrolmentRefusedException.class);
        assertThat(asked).containsExactly("renewal");
    }

    private void serve(String path, String name) {
        http.createContext(path, exchange -> {
            asked.add(name);
            exchange.getRequestBody().readAllBytes();
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(name.equals("renewal") ? renewal : decision, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }

    private Path folder() {
        return data.resolve("certificate");
    }

    /** A certificate of the authority for the device's key. */
    private CertificateClient.Given given() throws Exception {
        Path request = data.resolve("request.pem");
        Path issued = data.resolve("issued.pem");
        Files.writeString(
                request,
                CertificateRequest.create(
                        "default/d/cam-1", DeviceKey.loadOrCreate(DeviceCertificate.keyFile(folder()))));
        keytool("-gencert", "-rfc", "-infile", request.toString(), "-outfile", issued.toString());
        return new CertificateClient.Given(Files.readString(issued), authority, 3);
    }

    private void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of(
                "-alias",
                "ca",
                "-storepass",
                "password",
                "-keystore",
                data.resolve("ca.p12").toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
    }
}
