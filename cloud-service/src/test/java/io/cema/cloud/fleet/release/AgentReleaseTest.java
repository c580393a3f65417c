package io.cema.cloud.fleet.release;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestDevice;
import io.cema.cloud.TestModels;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.message.AgentPackage;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.model.Digests;
import io.cema.protocol.signature.PackageSignature;
import io.cema.protocol.signature.SigningKey;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Releases of the agent, down to the device's signed desired state over the real broker. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class AgentReleaseTest {
    private static final String PLATFORM = "linux-x86_64";

    StackProcess stack;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    private final SigningKey releaseKey = SigningKey.generate();
    private final String unique = UUID.randomUUID().toString().substring(0, 8);
    private final String version = "1.0." + unique;
    private final String cohort = "a" + unique;
    private final String device = "g" + unique;
    private final byte[] archive = ("an archive of " + version).getBytes(StandardCharsets.UTF_8);
    private TestDevice agent;

    @BeforeEach
    void connect() {
        TestModels.cohort(cohort, cohort.hashCode(), device);
        agent = new TestDevice(
                stack.host(),
                stack.brokerPort(),
                device,
                TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem")));
    }

    @AfterEach
    void close() {
        agent.close();
    }

    @Test
    void package_isStoredAndServedAsAnArtefact() {
        add(version, archive)
                .statusCode(201)
                .header("Location", containsString("/api/v1/agent-releases/" + version))
                .body("packages.platform", contains(PLATFORM))
                .body("packages.digest", contains(Digests.hex(archive)))
                .body("packages.size", contains(archive.length));

        assertThat(given().header("Range", "bytes=3-")
                        .get("/api/v1/artefacts/{digest}", Digests.hex(archive))
                        .then()
                        .statusCode(206)
                        .extract()
                        .asString())
                .isEqualTo("archive of " + version);
        given().get("/api/v1/agent-releases/{version}", version)
                .then()
                .statusCode(200)
                .body("version", equalTo(version))
                .body("notes", equalTo("for a test"));
    }

    @Test
    void samePackageAgain_changesNothing() {
        add(version, archive).statusCode(201);

        add(version, archive).statusCode(200).body("packages.digest", contains(Digests.hex(archive)));
    }

    @Test
    void otherPackageUnderTheSameVersion_isConflict() {
        add(version, archive).statusCode(201);

        add(version, new byte[] {1}).statusCode(409).body("detail", containsString(PLATFORM));
    }

    @Test
    void packageWithoutASignature_isRefused() {
        given().contentType("application/octet-stream")
                .queryParam("version", version)
                .queryParam("platform", PLATFORM)
                .body(archive)
                .post("/api/v1/agent-releases")
                .then()
                .statusCode(400)
                .body("detail", containsString("signature"));
    }

    @Test
    void versionThatIsNone_isRefused() {
        add("../" + unique, archive).statusCode(400).body("detail", containsString("version"));
    }

    @Test
    void releases_areListed() {
        add(version, archive);

        assertThat(given().queryParam("limit", 500)
                        .get("/api/v1/agent-releases")
                        .<List<String>>path("items.version"))
                .contains(version);
    }

    @Test
    void wishForACohort_reachesItsDevicesSigned() {
        add(version, archive);

        want(version, "cohorts", cohort).statusCode(204);

        DesiredState desired = awaitVersion(version);
        AgentPackage sent = desired.getAgentPackages(0);
        assertThat(desired.getAgentPackagesCount()).isEqualTo(1);
        assertThat(desired.getSlotsCount()).isEqualTo(1);
        assertThat(sent.getSha256()).isEqualTo(Digests.hex(archive));
        assertThat(PackageSignature.holds(sent, TrustedKeys.of(releaseKey.publicKey())))
                .isTrue();
    }

    @Test
    void wishForADevice_comesBeforeItsCohortsAndEndsWithItsWithdrawal() {
        String own = version + "-own";
        add(version, archive);
        add(own, "another archive".getBytes(StandardCharsets.UTF_8));
        want(version, "cohorts", cohort);
        want(own, "devices", device).statusCode(204);
        awaitVersion(own);

        given().delete("/api/v1/agent-releases/devices/{id}", device).then().statusCode(204);

        awaitVersion(version);
    }

    @Test
    void withdrawnWish_wishesNothing() {
        add(version, archive);
        want(version, "cohorts", cohort);
        awaitVersion(version);

        given().delete("/api/v1/agent-releases/cohorts/{id}", cohort).then().statusCode(204);

        DesiredState desired = awaitVersion("");
        assertThat(desired.getAgentPackagesCount()).isZero();
    }

    @Test
    void wishForNobodyOrOfNothing_isNotFound() {
        want(version, "cohorts", cohort).statusCode(404).body("detail", containsString(version));
        add(version, archive);

        want(version, "cohorts", "nowhere").statusCode(404).body("detail", containsString("nowhere"));
        want(version, "devices", "nowhere").statusCode(404);
        given().delete("/api/v1/agent-releases/devices/nowhere").then().statusCode(404);
    }

    @Test
    void releaseThatIsWished_isNotDeletedUntilItIsWithdrawn() {
        add(version, archive);
        want(version, "cohorts", cohort);
        delete(version).statusCode(409).body("detail", containsString(cohort));
        given().delete("/api/v1/agent-releases/cohorts/{id}", cohort);

        delete(version).statusCode(204);

        delete(version).statusCode(404);
        given().get("/api/v1/agent-releases/{version}", version).then().statusCode(404);
        given().get("/api/v1/artefacts/{digest}", Digests.hex(archive)).then().statusCode(404);
    }

    private ValidatableResponse add(String name, byte[] bytes) {
        AgentPackage signed = PackageSignature.sign(
                AgentPackage.newBuilder()
                        .setVersion(name)
                        .setPlatform(PLATFORM)
                        .setSha256(Digests.hex(bytes))
                        .setSize(bytes.length)
                        .build(),
                releaseKey.privateKey());
        return given().contentType("application/octet-stream")
                .queryParam("version", name)
                .queryParam("platform", PLATFORM)
                .queryParam("notes", "for a test")
                .queryParam(
                        "signature",
                        Base64.getEncoder().encodeToString(signed.getSignature().toByteArray()))
                .body(bytes)
                .post("/api/v1/agent-releases")
                .then();
    }

    private static ValidatableResponse want(String version, String kind, String id) {
        return given().put("/api/v1/agent-releases/{version}/{kind}/{id}", version, kind, id)
                .then();
    }

    private static ValidatableResponse delete(String version) {
        return given().delete("/api/v1/agent-releases/{version}", version).then();
    }

    private DesiredState awaitVersion(String wanted) {
        Awaitility.await().atMost(Duration.ofSeconds(90)).until(() -> agent.newest(
                        DeviceLeaf.DESIRED, DesiredState.getDefaultInstance())
                .filter(d -> d.getVersion() > 1 && d.getAgentVersion().equals(wanted))
                .isPresent());
        return agent.newest(DeviceLeaf.DESIRED, DesiredState.getDefaultInstance())
                .orElseThrow();
    }
}
