package io.cema.cloud.security;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cema.cloud.TestModels;
import io.cema.cloud.persistence.SchemaMigration;
import io.cema.cloud.security.access.Secured;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.builder.RequestSpecBuilder;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Downloads over the service's own TLS, with certificates of all kinds and with none. */
@QuarkusTest
@TestProfile(Secured.class)
class DeviceDownloadsTest {
    private static final Duration DAY = Duration.ofDays(1);

    @Inject
    PlatformAuthority platform;

    @Inject
    ServerRenewal renewal;

    @Inject
    SchemaMigration migration;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    private final TestKey key = TestKey.create();
    private final String device = "t" + UUID.randomUUID().toString().substring(0, 8);
    private final String cohort = "c" + device;
    private String token;
    private String model;
    private X509Certificate certificate;

    @BeforeEach
    void enrol() throws Exception {
        await().atMost(Duration.ofSeconds(60)).until(migration::done);
        token = Files.readString(dataFolder.resolve("access/first-admin.token")).strip();
        RestAssured.requestSpecification = new RequestSpecBuilder()
                .addHeader("Authorization", "Bearer " + token)
                .build();
        model = TestModels.cohort(cohort, device.hashCode());
        String claim = given().contentType("application/json")
                .body(Map.of("device", device, "cohort", cohort))
                .post("/api/v1/claims")
                .then()
                .statusCode(201)
                .extract()
                .path("token");
        String pem = given().contentType("application/json")
                .body(Map.of("claim", claim, "request", key.request("default/d/" + device)))
                .post("/api/v1/enrolments")
                .then()
                .statusCode(201)
                .extract()
                .path("certificate");
        certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    @AfterEach
    void forgetTheToken() {
        RestAssured.requestSpecification = null;
    }

    @Test
    void deviceWithItsCertificate_getsWhatItsDesiredStateNames() throws Exception {
        HttpResponse<byte[]> answer = get(client(certificate), path(model));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(TestModels.small("edge-" + cohort, device.hashCode(), 10));
    }

    @Test
    void deviceWithItsCertificate_goesOnWhereItWasCut() throws Exception {
        HttpResponse<byte[]> rest = client(certificate)
                .send(
                        request(path(model)).header("Range", "bytes=100-").build(),
                        HttpResponse.BodyHandlers.ofByteArray());

        assertThat(rest.statusCode()).isEqualTo(206);
    }

    @Test
    void connectionWithoutACertificate_isNotAuthenticated() throws Exception {
        assertRefused(get(anonymous(), path(model)), 401, "cema.cloud.url");
    }

    @Test
    void plainHttp_isNotAuthenticated() throws Exception {
        URI plain = URI.create("http://localhost:" + port("quarkus.http.test-port") + path(model));

        assertThat(HttpClient.newHttpClient()
                        .send(HttpRequest.newBuilder(plain).build(), HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void modelThatTheDeviceIsNotToRun_isRefused() throws Exception {
        String other = TestModels.register(TestModels.small("other" + device, 5, 10), "other" + device);

        assertRefused(get(client(certificate), path(other)), 403, "does not name artefact " + other);
    }

    @Test
    void deviceOfAnotherTenant_isRefused() throws Exception {
        X509Certificate foreign = platform.authority().issueClient("other/d/" + device, key.publicKey(), DAY);

        assertRefused(get(client(foreign), path(model)), 403, "CN=other/d/" + device);
    }

    @Test
    void certificateOfAService_isNoDevices() throws Exception {
        X509Certificate service = platform.authority().issueClient("default/s/cloud", key.publicKey(), DAY);

        assertRefused(get(client(service), path(model)), 403, "CN=default/s/cloud");
    }

    @Test
    void certificateThatIsNotOnRecord_isRefused() throws Exception {
        X509Certificate lost = platform.authority().issueClient("default/d/" + device, key.publicKey(), DAY);

        assertRefused(get(client(lost), path(model)), 403, "not on record");
    }

    @Test
    void revokedCertificate_isRefusedOnAnOpenConnectionToo() throws Exception {
        HttpClient client = client(certificate);
        assertThat(get(client, path(model)).statusCode()).isEqualTo(200);

        given().delete("/api/v1/devices/{id}/certificate", device).then().statusCode(204);

        assertRefused(get(client, path(model)), 403, "was revoked at");
    }

    @Test
    void decommissionedDevice_isRefused() throws Exception {
        given().delete("/api/v1/devices/{id}", device).then().statusCode(204);

        assertRefused(get(client(certificate), path(model)), 403, "device " + device);
    }

    @Test
    void certificateOfAnotherAuthority_getsNoConnection() {
        X509Certificate strangers =
                CertificateAuthority.create(Clock.systemUTC()).issueClient("default/d/" + device, key.publicKey(), DAY);

        assertThatThrownBy(() -> get(client(strangers), path(model))).isInstanceOf(IOException.class);
    }

    @Test
    void certificateAtItsEnd_getsNoConnection() {
        X509Certificate ended =
                platform.authority().issueClient("default/d/" + device, key.publicKey(), Duration.ofMinutes(-30));

        assertThatThrownBy(() -> get(client(ended), path(model))).isInstanceOf(IOException.class);
    }

    @Test
    void certificate_opensNothingElse() throws Exception {
        HttpClient client = client(certificate);

        assertThat(get(client, "/api/v1/devices/" + device).statusCode()).isEqualTo(401);
        assertThat(get(client, "/api/v1/models").statusCode()).isEqualTo(401);
        assertThat(get(client, "/q/metrics").statusCode()).isEqualTo(401);
    }

    @Test
    void token_isGoodOverTlsWithoutACertificate() throws Exception {
        HttpResponse<byte[]> answer = anonymous()
                .send(
                        request(path(model))
                                .header("Authorization", "Bearer " + token)
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());

        assertThat(answer.statusCode()).isEqualTo(200);
    }

    /** A process that runs for years must not end with its first certificate. */
    @Test
    void ownCertificateNearItsEnd_isRenewedWithoutAStart() throws Exception {
        BigInteger first = servedCertificate();
        Path file = dataFolder.resolve("ca/https.pem");
        Files.delete(file);
        AuthorityFolder.open(dataFolder.resolve("ca"), Clock.offset(Clock.systemUTC(), Duration.ofDays(-300)))
                .server("https", List.of("localhost"));
        BigInteger old = PemFiles.readCertificate(file).getSerialNumber();

        renewal.renew();

        assertThat(PemFiles.readCertificate(file).getSerialNumber()).isNotEqualTo(old);
        assertThat(servedCertificate())
                .isNotEqualTo(first)
                .isEqualTo(PemFiles.readCertificate(file).getSerialNumber());
    }

    private BigInteger servedCertificate() throws Exception {
        Certificate[] chain =
                get(anonymous(), path(model)).sslSession().orElseThrow().getPeerCertificates();
        return ((X509Certificate) chain[0]).getSerialNumber();
    }

    private static void assertRefused(HttpResponse<byte[]> answer, int status, String why) {
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(body).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(body).contains(why);
    }

    private HttpClient client(X509Certificate shown) throws Exception {
        return HttpClient.newBuilder()
                .sslContext(key.client(shown, platform.authority().certificate()))
                .build();
    }

    private HttpClient anonymous() throws Exception {
        return HttpClient.newBuilder()
                .sslContext(TestKey.anonymous(platform.authority().certificate()))
                .build();
    }

    private static HttpResponse<byte[]> get(HttpClient client, String path) throws Exception {
        return client.send(request(path).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + port("quarkus.http.test-ssl-port") + path));
    }

    private static String path(String digest) {
        return "/api/v1/artefacts/" + digest;
    }

    private static int port(String name) {
        return ConfigProvider.getConfig().getValue(name, Integer.class);
    }
}
