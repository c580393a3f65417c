package io.cema.cloud.compression;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.oneOf;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestModels;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.onnx.OnnxBuilder;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Compression jobs over HTTP, on the real database. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class CompressionResourceTest {
    private static final String QUICK =
            "{\"sparseStage\":{\"epochs\":1},\"quantizedStage\":{\"epochs\":1},\"batch\":32,\"threads\":1,"
                    + "\"calibration\":{\"tolerated\":0.2}}";
    private static final String LONG = "{\"sparseStage\":{\"epochs\":100000},\"batch\":32,\"threads\":1}";

    @Inject
    CompressionRepository repository;

    @Inject
    TenantDatabase database;

    private static byte[] eligible(String name, long seed) {
        OnnxBuilder builder = new OnnxBuilder(name, 17, seed);
        String x = builder.relu(
                builder.batchNorm("bn", builder.conv("conv", builder.input("input", 32, 32), 3, 16, 3, 4), 16));
        x = builder.relu(builder.batchNorm("bn2", builder.conv("conv2", x, 16, 16, 3, 2), 16));
        String logits = builder.linear("head", builder.flatten(builder.globalAveragePool(x)), 16, 10);
        return builder.output("logits", logits, 10).toBytes();
    }

    private static String registered(String name, long seed) {
        return TestModels.register(eligible(name, seed), name);
    }

    private static byte[] records(int count) {
        byte[] bytes = new byte[count * 3073];
        new Random(1).nextBytes(bytes);
        for (int i = 0; i < count; i++) {
            bytes[i * 3073] = (byte) (i % 10);
        }
        return bytes;
    }

    private static RequestSpecification form(String model, String options) {
        return given().multiPart("model", model)
                .multiPart("options", options)
                .multiPart("images", "images.bin", records(160));
    }

    private static String started(RequestSpecification form) {
        return form.post("/api/v1/compressions")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    private static void awaitStatus(String id, String status) {
        await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> assertThat(
                        given().get("/api/v1/compressions/{id}", id).<String>path("status"))
                .isEqualTo(status));
    }

    @Test
    void compression_runsToARegisteredModelWithReport() {
        String dense = registered("to-compress", 300);
        String id = started(form(dense, QUICK).multiPart("testImages", "test.bin", records(50)));

        awaitStatus(id, "DONE");
        String result = given().get("/api/v1/compressions/{id}", id)
                .then()
                .body("progress", equalTo(1.0f))
                .body("report.stages.stage", equalTo(java.util.List.of("dense", "sparse", "sparse-int8")))
                .body("report.layers", hasSize(3))
                .extract()
                .path("result");
        given().get("/api/v1/models/{digest}", result)
                .then()
                .statusCode(200)
                .body("manifest.name", equalTo("to-compress compressed"))
                .body("manifest.layers[0].touches", hasSize(3));
        given().get("/api/v1/compressions").then().body("items.id", hasItem(id));
    }

    @Test
    void compression_cancelled_stopsAndCanBeStartedAgain() {
        String id = started(form(registered("to-cancel", 301), LONG));
        awaitStatus(id, "RUNNING");

        given().delete("/api/v1/compressions/{id}", id).then().statusCode(200).body("status", equalTo("CANCELLED"));
        given().delete("/api/v1/compressions/{id}", id).then().statusCode(409);
        given().post("/api/v1/compressions/{id}/restart", id)
                .then()
                .statusCode(200)
                .body("status", oneOf("QUEUED", "RUNNING"));
        awaitStatus(id, "RUNNING");
        given().delete("/api/v1/compressions/{id}", id).then().statusCode(200);
    }

    @Test
    void compression_ofAProcessThatEnded_isMarkedAndCanBeStartedAgain() {
        String dense = registered("interrupted", 302);
        String id = started(form(dense, QUICK));
        awaitStatus(id, "DONE");
        // As a process leaves it that is killed on the way.
        database.inTransaction("default", c -> c.preparedQuery(
                                "update compression set status = 'RUNNING',"
                                        + " holder = 'killed', progress = 0.4, result_digest = null, report = null where id = $1")
                        .execute(Tuple.of(id)))
                .await()
                .indefinitely();

        assertThat(repository.markInterrupted("default", "killed").await().indefinitely())
                .isEqualTo(1);

        given().get("/api/v1/compressions/{id}", id)
                .then()
                .body("status", equalTo("INTERRUPTED"))
                .body("problem", containsString("40 %"));
        given().post("/api/v1/compressions/{id}/restart", id).then().statusCode(200);
        awaitStatus(id, "DONE");
    }

    @Test
    void compression_modelWithoutEligibleLayers_failsWithTheReason() {
        String id = started(form(TestModels.register(TestModels.small("tiny", 303, 10), "tiny"), QUICK));

        awaitStatus(id, "FAILED");
        given().get("/api/v1/compressions/{id}", id)
                .then()
                .body("problem", containsString("no layer can be made 2:4 sparse"));
    }

    @Test
    void unknownModel_isNotFound() {
        form("0".repeat(64), QUICK).post("/api/v1/compressions").then().statusCode(404);
    }

    @Test
    void unknownOption_isProblemThatNamesIt() {
        form(registered("options", 304), "{\"sparsness\":\"NONE\"}")
                .post("/api/v1/compressions")
                .then()
                .statusCode(400)
                .body("detail", containsString("sparsness"));
    }

    @Test
    void imagesThatAreNone_isProblem() {
        given().multiPart("model", registered("images", 305))
                .multiPart("images", "images.bin", new byte[100])
                .post("/api/v1/compressions")
                .then()
                .statusCode(422)
                .body("detail", containsString("part `images`"));
    }

    @Test
    void unknownCompression_isNotFound() {
        given().get("/api/v1/compressions/{id}", "none").then().statusCode(404);
    }
}
