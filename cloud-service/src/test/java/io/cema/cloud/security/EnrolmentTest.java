package io.cema.cloud.security;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.blankOrNullString;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestModels;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.enrolment.ClaimToken;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** Claims, enrolment, renewal and revocation against the real database. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class EnrolmentTest {
    StackProcess stack;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    private final String device = "k" + UUID.randomUUID().toString().substring(0, 8);
    private final String name = "default/d/" + device;
    private final TestKey key = TestKey.create();

    @Test
    void claim_carriesTheFingerprintOfTheAuthority() throws Exception {
        String token = claim().getString("token");

        String pem = given().get("/api/v1/certificate-authority").asString();
        assertThat(ClaimToken.parse(token).fingerprint()).isEqualTo(CertificateAuthority.fingerprint(certificate(pem)));
    }

    @Test
    void claimToken_isShownOnce() {
        JsonPath claim = claim();

        given().get("/api/v1/claims")
                .then()
                .statusCode(200)
                .body("items.id", hasItem(claim.getString("id")))
                .body("items.token", not(hasItem(not(blankOrNullString()))));
    }

    @Test
    void claimToken_isNotInTheDatabase() throws SQLException {
        String secret = ClaimToken.parse(claim().getString("token")).secret();

        assertThat(query("select string_agg(device_claim::text, ' ') from device_claim"))
                .doesNotContain(secret)
                .contains(device);
    }

    @Test
    void claimForUnknownCohort_isNotFound() {
        given().contentType("application/json")
                .body(Map.of("device", device, "cohort", "nowhere"))
                .post("/api/v1/claims")
                .then()
                .statusCode(404)
                .body("detail", containsString("nowhere"));
    }

    @Test
    void claimThatIsPast_isInvalid() {
        given().contentType("application/json")
                .body(Map.of("device", device, "expiry", "2020-01-01T00:00:00Z"))
                .post("/api/v1/claims")
                .then()
                .statusCode(400)
                .body("violations.field", hasItem("wanted.expiry"));
    }

    @Test
    void claim_givesCertificateOfTheAuthorityInTheDevicesName() throws Exception {
        JsonPath answer = enrol(claim(), key).statusCode(201).extract().jsonPath();

        X509Certificate issued = certificate(answer.getString("certificate"));
        issued.verify(certificate(answer.getString("authority")).getPublicKey());
        assertThat(issued.getSubjectX500Principal().getName()).isEqualTo("CN=" + name);
        assertThat(Duration.between(
                        issued.getNotBefore().toInstant(), issued.getNotAfter().toInstant()))
                .isEqualTo(Duration.ofDays(90).plus(CertificateAuthority.BACKDATED));
    }

    @Test
    void claimForCohort_putsTheDeviceThere() {
        String cohort = "h" + UUID.randomUUID().toString().substring(0, 8);
        TestModels.cohort(cohort, cohort.hashCode());

        enrol(claim(Map.of("device", device, "cohort", cohort)), key).statusCode(201);

        given().get("/api/v1/devices/{id}", device)
                .then()
                .body("cohort", equalTo(cohort))
                .body("desiredVersion", equalTo(1));
    }

    @Test
    void sameKeyAgain_getsTheSameCertificate() {
        JsonPath claim = claim();
        String first = enrol(claim, key).statusCode(201).extract().path("certificate");

        enrol(claim, key).statusCode(201).body("certificate", equalTo(first)).body("generation", equalTo(1));
    }

    @Test
    void sameKeyAgain_getsTheSameCertificateThoughTheClaimHasExpired() throws SQLException {
        JsonPath claim = claim();
        String first = enrol(claim, key).statusCode(201).extract().path("certificate");
        expire(claim);

        enrol(claim, key).statusCode(201).body("certificate", equalTo(first));
    }

    @Test
    void enrolment_isEnteredInTheAuditLogOnceUnderTheDevicesName() {
        JsonPath claim = claim();
        enrol(claim, key).statusCode(201);
        enrol(claim, key).statusCode(201);

        given().queryParam("who", "device:" + device)
                .get("/api/v1/audit")
                .then()
                .body("items.operation", contains("ENROL"))
                .body("items.resource", contains("/api/v1/devices/" + device + "/certificate"))
                .body("items.outcome", contains("DONE"));
    }

    @Test
    void anotherKey_isConflict() {
        JsonPath claim = claim();
        enrol(claim, key).statusCode(201);

        enrol(claim, TestKey.create()).statusCode(409).body("detail", containsString("another key"));
    }

    @Test
    void unknownExpiredAndRevokedClaims_getTheSameRefusal() throws SQLException {
        JsonPath expired = claim();
        expire(expired);
        JsonPath revoked = claim();
        enrol(revoked, key).statusCode(201);
        revoke().statusCode(204);
        String fingerprint = ClaimToken.parse(expired.getString("token")).fingerprint();

        String unknown = enrol(ClaimToken.create(fingerprint).text(), key.request(name))
                .statusCode(403)
                .extract()
                .asString();

        enrol(expired, key).statusCode(403).body(equalTo(unknown));
        enrol(revoked, key).statusCode(403).body(equalTo(unknown));
    }

    @Test
    void withdrawnClaim_isRefused() {
        JsonPath claim = claim();
        given().delete("/api/v1/claims/{id}", claim.getString("id")).then().statusCode(204);

        enrol(claim, key).statusCode(403);
    }

    @Test
    void usedClaim_cannotBeWithdrawn() {
        JsonPath claim = claim();
        enrol(claim, key).statusCode(201);

        given().delete("/api/v1/claims/{id}", claim.getString("id")).then().statusCode(404);
    }

    @Test
    void requestInAnotherName_isRefusedAndLeavesTheClaimOpen() {
        JsonPath claim = claim();

        enrol(claim.getString("token"), key.request("default/d/other"))
                .statusCode(422)
                .body("detail", containsString("default/d/other"));
        enrol(claim, key).statusCode(201);
    }

    @Test
    void requestSignedWithAnotherKey_isRefused() {
        enrol(claim().getString("token"), key.request(name, TestKey.create()))
                .statusCode(422)
                .body("detail", containsString("not made with its key"));
    }

    @Test
    void requestOfAnotherAlgorithm_isRefused() throws Exception {
        enrol(claim().getString("token"), TestKey.rsa().request(name))
                .statusCode(422)
                .body("detail", containsString("P-256"));
    }

    @Test
    void garbage_isRefusedWithoutEcho() {
        String secret = "A".repeat(42);
        enrol(secret, key.request(name)).statusCode(400).body("detail", not(containsString(secret)));
        enrol(claim().getString("token"), "garbage").statusCode(422);
    }

    @Test
    void newClaim_raisesTheGenerationAndRevokesWhatTheDeviceHad() throws Exception {
        String old = enrol(claim(), key).statusCode(201).extract().path("serial");

        enrol(claim(), TestKey.create()).statusCode(201).body("generation", equalTo(2));

        assertThat(revoked(old)).isTrue();
    }

    @Test
    void renewal_beforeItIsDueGivesThePresentCertificate() {
        String present = enrol(claim(), key).statusCode(201).extract().path("certificate");

        renew(key).statusCode(200).body("certificate", equalTo(present));
    }

    @Test
    void renewal_inTheLastThirdGivesANewOneForTheSameKey() throws Exception {
        JsonPath present = enrol(claim(), key).statusCode(201).extract().jsonPath();
        age(present.getString("serial"), "70 days");

        JsonPath next = renew(key).statusCode(200).extract().jsonPath();

        assertThat(next.getString("serial")).isNotEqualTo(present.getString("serial"));
        assertThat(certificate(next.getString("certificate")).getPublicKey())
                .isEqualTo(certificate(present.getString("certificate")).getPublicKey());
        renew(key).statusCode(200).body("serial", equalTo(next.getString("serial")));
        assertThat(revoked(present.getString("serial"))).isFalse();
    }

    @Test
    void renewal_withAnotherKeyIsRefused() {
        enrol(claim(), key).statusCode(201);

        renew(TestKey.create()).statusCode(403);
    }

    @Test
    void renewal_ofRevokedCertificateIsRefused() {
        enrol(claim(), key).statusCode(201);
        revoke().statusCode(204);

        renew(key).statusCode(403);
    }

    @Test
    void renewal_afterTheEndIsRefusedUntilAnOperatorMakesANewClaim() throws SQLException {
        String serial = enrol(claim(), key).statusCode(201).extract().path("serial");
        age(serial, "91 days");

        renew(key).statusCode(403);
        enrol(claim(), key).statusCode(201).body("generation", equalTo(2));
    }

    @Test
    void revocation_standsInTheSignedListAndItsFile() throws Exception {
        String serial = enrol(claim(), key).statusCode(201).extract().path("serial");
        assertThat(revoked(serial)).isFalse();

        revoke().statusCode(204);

        assertThat(revoked(serial)).isTrue();
        given().get("/api/v1/devices/{id}/certificate", device).then().body("revokedAt", not(nullValue()));
    }

    @Test
    void revocation_withdrawsOpenClaims() {
        enrol(claim(), key).statusCode(201);
        JsonPath open = claim();

        revoke().statusCode(204);

        enrol(open, TestKey.create()).statusCode(403);
    }

    @Test
    void revocation_ofDeviceWithoutCertificateIsNotFound() {
        revoke().statusCode(404).body("detail", containsString(device));
    }

    private JsonPath claim() {
        return claim(Map.of("device", device));
    }

    private static JsonPath claim(Map<String, String> body) {
        return given().contentType("application/json")
                .body(body)
                .post("/api/v1/claims")
                .then()
                .statusCode(201)
                .header("Cache-Control", equalTo("no-store"))
                .extract()
                .jsonPath();
    }

    private ValidatableResponse enrol(JsonPath claim, TestKey with) {
        return enrol(claim.getString("token"), with.request(name));
    }

    @Test
    void decommissionedDevice_losesItsCertificateAndComesBackByANewClaim() throws Exception {
        String serial = enrol(claim(), key).statusCode(201).extract().path("serial");
        JsonPath open = claim();

        given().delete("/api/v1/devices/{id}", device).then().statusCode(204);

        assertThat(revoked(serial)).isTrue();
        renew(key).statusCode(403);
        enrol(open, key).statusCode(403);
        enrol(claim(), TestKey.create()).statusCode(201).body("generation", equalTo(2));
        given().get("/api/v1/devices/{id}", device).then().body("status", equalTo("ACTIVE"));
    }

    private static ValidatableResponse enrol(String token, String request) {
        Map<String, String> body = new HashMap<>();
        body.put("claim", token);
        body.put("request", request);
        return given().contentType("application/json")
                .body(body)
                .post("/api/v1/enrolments")
                .then();
    }

    private ValidatableResponse renew(TestKey with) {
        return given().contentType("application/json")
                .body(Map.of("request", with.request(name)))
                .post("/api/v1/devices/{id}/certificate", device)
                .then();
    }

    private ValidatableResponse revoke() {
        return given().delete("/api/v1/devices/{id}/certificate", device).then();
    }

    /** By the published list, after the file said the same. */
    private boolean revoked(String serial) throws Exception {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() ->
                        given().get("/api/v1/certificate-authority/revoked").statusCode() == 200);
        String pem = given().get("/api/v1/certificate-authority/revoked").asString();
        assertThat(Files.readString(dataFolder.resolve("ca/revoked.pem"))).isEqualTo(pem);
        X509CRL list = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(stream(pem));
        list.verify(certificate(given().get("/api/v1/certificate-authority").asString())
                .getPublicKey());
        return list.getRevokedCertificate(new BigInteger(serial, 16)) != null;
    }

    private void expire(JsonPath claim) throws SQLException {
        update("update device_claim set expires_at = now() - interval '1 second' where id = '" + claim.getString("id")
                + "'");
    }

    /** Moves a certificate's time on record into the past. */
    private void age(String serial, String by) throws SQLException {
        update("update device_certificate set not_before = not_before - interval '" + by + "', not_after = not_after -"
                + " interval '" + by + "' where serial = '" + serial + "'");
    }

    private void update(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isEqualTo(1);
        }
    }

    private String query(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private Connection connect() throws SQLException {
        Connection connection =
                DriverManager.getConnection(stack.jdbcUrl(), stack.databaseUser(), stack.databasePassword());
        try (Statement statement = connection.createStatement()) {
            statement.execute("select set_config('cema.tenant', 'default', false)");
        }
        return connection;
    }

    private static X509Certificate certificate(String pem) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(stream(pem));
    }

    private static InputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }
}
