package io.cema.cloud.page;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.cloud.SimulatedDevice;
import io.cema.cloud.TestModels;
import io.cema.cloud.TestSamples;
import io.cema.cloud.TestSamples.Kind;
import io.cema.cloud.security.access.Secured;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.model.AffineCodec;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.signature.TrustedKeys;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.builder.RequestSpecBuilder;
import io.vertx.core.buffer.Buffer;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What an operator does when a cohort got worse, in a real browser against the running service, by keyboard alone; the
 * device is a simulated one over a real broker. What the browser does stands in {@code src/main/web/browser/incident.mjs}.
 */
@QuarkusTest
@TestProfile(Secured.class)
class IncidentTest {
    private static final Path BUILT = Path.of("target/web");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int UPLOADS = 20;
    private static final int STILL_RIGHT = 8;

    StackProcess stack;

    @Inject
    TestSamples samples;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    private final String cohort = "east-" + UUID.randomUUID().toString().substring(0, 6);
    private final String good = UlidCreator.getMonotonicUlid().toString();
    private final String worse = UlidCreator.getMonotonicUlid().toString();
    private String token;

    @BeforeEach
    void signIn() throws IOException {
        samples.count("select 1"); // once the schema stands
        token = Files.readString(dataFolder.resolve("access/first-admin.token")).strip();
        RestAssured.requestSpecification = new RequestSpecBuilder()
                .addHeader("Authorization", "Bearer " + token)
                .build();
    }

    @AfterEach
    void signOut() {
        RestAssured.requestSpecification = null;
    }

    @Test
    void cohortThatGotWorse_isFoundLookedAtAndRolledBack() throws IOException, InterruptedException {
        Path chromium = executable("chromium", "chromium-browser", "google-chrome")
                .orElseGet(() -> skip("there is no Chromium; Debian: apt-get install chromium"));
        Path node = executable("node").orElseGet(() -> skip("there is no Node; Debian: apt-get install nodejs npm"));
        if (!Files.exists(BUILT.resolve("built"))) {
            skip("the operator's page was not built");
        }
        TrustedKeys keys = TrustedKeys.fromPem(dataFolder.resolve("signing-key.pub.pem"));
        String device = cohort + "-cam";
        String model = TestModels.cohort(cohort, cohort.hashCode(), device);
        try (SimulatedDevice camera = new SimulatedDevice(stack.host(), stack.brokerPort(), device, keys)) {
            await().atMost(PATIENCE).until(() -> camera.channel().equals("stable"));
            publish(model);
            upload(Kind.of(device, cohort, model).under(good).at(Instant.now().minusSeconds(600)), UPLOADS);
            upload(Kind.of(device, cohort, model).under(worse).at(Instant.now().minusSeconds(120)), STILL_RIGHT);
            drift(camera);

            ProcessBuilder command = new ProcessBuilder(node.toString(), "browser/incident.mjs")
                    .directory(BUILT.toFile())
                    .redirectErrorStream(true);
            command.environment().put("CEMA_URL", "http://localhost:" + RestAssured.port);
            command.environment().put("CEMA_TOKEN", token);
            command.environment().put("CEMA_COHORT", cohort);
            command.environment().put("CEMA_GOOD", good);
            command.environment().put("CEMA_WORSE", worse);
            command.environment().put("CEMA_CHROMIUM", chromium.toString());
            run(command);

            await().atMost(PATIENCE).until(() -> camera.version().equals(good));
        }
        given().queryParam("resource", "/api/v1/cohorts/" + cohort + "/rollback")
                .get("/api/v1/audit")
                .then()
                .statusCode(200)
                .body("items[0].who", equalTo("first-admin"))
                .body("items[0].outcome", equalTo("DONE"));
        given().queryParam("cohort", cohort)
                .queryParam("state", "ANY")
                .get("/api/v1/alarms")
                .then()
                .body("items[0].acknowledgedBy", equalTo("first-admin"));
    }

    /** What the camera answers becomes unsure, until the service says so. */
    private void drift(SimulatedDevice camera) {
        for (int i = 0; i < 60; i++) {
            camera.sendTelemetry(180, true);
            camera.sendTelemetry(20, false);
        }
        for (int i = 0; i < 25; i++) {
            camera.sendTelemetry(80, true);
            camera.sendTelemetry(120, false);
        }
        await().atMost(PATIENCE)
                .until(() -> given().queryParam("cohort", cohort)
                                .queryParam("signal", "ENTROPY")
                                .get("/api/v1/alarms")
                                .<List<?>>path("items")
                                .size()
                        > 0);
    }

    /** Two updates that all devices got, the second one live. */
    private void publish(String model) {
        List<String> layers = given().get("/api/v1/models/{digest}", model)
                .then()
                .statusCode(200)
                .extract()
                .path("manifest.layers.name");
        insert(model, layers, good, null, 0.1f, 1);
        insert(model, layers, worse, good, 0.4f, 2);
        samples.execute(
                "insert into adaptation_loop (tenant, cohort, model_digest, foundation_digest, step, next_revision,"
                        + " live_version) values (current_setting('cema.tenant'), $1, $2, $2, 2, 3, $3)"
                        + " on conflict (tenant, cohort, model_digest) do update set step = 2, next_revision = 3,"
                        + " live_version = $3",
                cohort,
                model,
                worse);
    }

    private void insert(String model, List<String> layers, String version, String parent, float moved, long number) {
        float[] values = new float[8];
        Arrays.fill(values, moved);
        byte[] affine = AffineCodec.encode(new AffineParameters(layers.stream()
                .map(name -> new AffineParameters.Layer(name, values, values))
                .toList()));
        samples.execute(
                "insert into affine_version (tenant, version, cohort, model_digest, parent, step, samples, teacher_digest,"
                        + " affine, verdict, reason, metrics, fencing, created_at) values (current_setting('cema.tenant'),"
                        + " $1, $2, $3, $4, $5::int8, 20, $3, $6, 'PUBLISHED', 'better',"
                        + " '{\"images\": 64, \"candidateAgreement\": 0.9, \"liveAgreement\": 0.8}', 1, $7)",
                version,
                cohort,
                model,
                parent,
                number,
                Buffer.buffer(affine),
                Instant.now().minusSeconds(900 - 300 * number).atOffset(ZoneOffset.UTC));
        samples.execute(
                "insert into publication (tenant, cohort, model_digest, epoch, revision, channel, version)"
                        + " values (current_setting('cema.tenant'), $1, $2, 1, $3::int8, 'stable', $4)",
                cohort,
                model,
                number,
                version);
    }

    /** So many of them as the teacher sees them. */
    private void upload(Kind kind, int right) {
        samples.addMany(kind, UPLOADS);
        samples.execute(
                "update sample s set teacher_class = case when n <= $3::int then predicted_class else 9 end"
                        + " from (select sample_id, row_number() over (order by ordinal) as n from sample"
                        + " where cohort = $1 and update_version = $2) ranked"
                        + " where s.cohort = $1 and s.sample_id = ranked.sample_id",
                kind.cohort(),
                kind.version(),
                right);
    }

    private static void run(ProcessBuilder command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("incident", ".txt");
        try {
            Process process = command.redirectOutput(output.toFile()).start();
            boolean ended = process.waitFor(180, TimeUnit.SECONDS);
            process.destroyForcibly();
            assertThat(ended ? process.exitValue() : -1)
                    .as(Files.readString(output))
                    .isZero();
        } finally {
            Files.delete(output);
        }
    }

    private static Optional<Path> executable(String... names) {
        return Stream.of(names)
                .flatMap(name -> Stream.of(System.getenv("PATH").split(":")).map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static Path skip(String reason) {
        Assumptions.assumeTrue(false, reason);
        throw new IllegalStateException(reason);
    }
}
