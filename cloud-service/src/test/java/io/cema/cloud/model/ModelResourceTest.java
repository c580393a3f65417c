package io.cema.cloud.model;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestModels;
import io.cema.protocol.model.Digests;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The registry over HTTP, errors as problem details. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class ModelResourceTest {
    private static final String PROBLEM = "application/problem+json";

    private static RequestSpecification upload(String name, byte[] onnx) {
        return given().contentType("application/octet-stream")
                .queryParam("name", name)
                .queryParam("mean", "0.5,0.5,0.5")
                .queryParam("std", "0.25,0.25,0.25")
                .body(onnx);
    }

    @Test
    void model_getsItsManifestFromTheGraph() {
        byte[] onnx = TestModels.small("manifest", 100, 7);

        upload("manifest", onnx)
                .post("/api/v1/models")
                .then()
                .statusCode(201)
                .body("digest", equalTo(Digests.hex(onnx)))
                .body("manifest.classes", equalTo(7))
                .body("manifest.height", equalTo(32))
                .body("manifest.layers", hasSize(1))
                .body("channels", equalTo(8));
    }

    @Test
    void sameModelAgain_isTheSameModel() {
        byte[] onnx = TestModels.small("twice", 101, 7);
        upload("twice", onnx).post("/api/v1/models").then().statusCode(201);

        upload("twice", onnx).post("/api/v1/models").then().statusCode(200);
    }

    @Test
    void sameModelWithOtherLabels_isConflict() {
        byte[] onnx = TestModels.small("relabelled", 102, 2);
        upload("relabelled", onnx).post("/api/v1/models").then().statusCode(201);

        upload("relabelled", onnx)
                .queryParam("labels", "a,b")
                .post("/api/v1/models")
                .then()
                .statusCode(409)
                .contentType(PROBLEM);
    }

    @Test
    void truncatedFile_isProblem() {
        byte[] onnx = TestModels.small("truncated", 103, 7);

        upload("truncated", Arrays.copyOf(onnx, onnx.length / 2))
                .post("/api/v1/models")
                .then()
                .statusCode(422)
                .contentType(PROBLEM)
                .body("type", equalTo("urn:cema:problem:unsupported-model"));
    }

    @Test
    void missingMean_isProblemThatNamesIt() {
        given().contentType("application/octet-stream")
                .queryParam("name", "x")
                .queryParam("std", "1,1,1")
                .body(TestModels.small("x", 104, 2))
                .post("/api/v1/models")
                .then()
                .statusCode(400)
                .contentType(PROBLEM)
                .body("detail", containsString("`mean`"));
    }

    @Test
    void foldedModelWithoutImages_isProblemWithTheRemedy() {
        upload("folded", TestModels.withoutNormalisation("folded", 105, 7))
                .post("/api/v1/models")
                .then()
                .statusCode(422)
                .body("detail", containsString("calibration"));
    }

    @Test
    void foldedModelWithImages_isRestored() {
        byte[] onnx = TestModels.withoutNormalisation("restored", 106, 7);

        given().multiPart("model", "m.onnx", onnx)
                .multiPart("calibration", "images.bin", records(64))
                .formParam("name", "restored")
                .formParam("mean", "0.5,0.5,0.5")
                .formParam("std", "0.25,0.25,0.25")
                .post("/api/v1/models")
                .then()
                .statusCode(201)
                .body("restoredLayers", equalTo(1))
                .body("sourceDigest", equalTo(Digests.hex(onnx)));
    }

    @Test
    void unknownModel_isProblem() {
        given().get("/api/v1/models/{digest}", "0".repeat(64))
                .then()
                .statusCode(404)
                .contentType(PROBLEM);
    }

    @Test
    void pairOfDifferentClassCounts_isProblem() {
        String edge = TestModels.register(TestModels.small("seven", 107, 7), "seven");
        String foundation = TestModels.register(TestModels.small("eight", 108, 8), "eight");

        given().contentType("application/json")
                .body(Map.of("id", "mixed", "edge", edge, "foundation", foundation))
                .post("/api/v1/pairs")
                .then()
                .statusCode(422)
                .contentType(PROBLEM)
                .body("detail", containsString("7 classes"));
    }

    @Test
    void invalidId_isProblemThatNamesTheField() {
        given().contentType("application/json")
                .body(Map.of("id", "not/an/id", "edge", "0".repeat(64), "foundation", "1".repeat(64)))
                .post("/api/v1/pairs")
                .then()
                .statusCode(400)
                .contentType(PROBLEM)
                .body("violations[0].field", equalTo("pair.id"));
    }

    @Test
    void bodyThatIsNoJson_isProblem() {
        given().contentType("application/json")
                .body("{\"id\": ")
                .post("/api/v1/pairs")
                .then()
                .statusCode(400)
                .contentType(PROBLEM);
    }

    @Test
    void artefact_isServedWhole() {
        byte[] onnx = TestModels.small("whole", 109, 7);
        String digest = TestModels.register(onnx, "whole");

        byte[] served = given().get("/api/v1/artefacts/{digest}", digest)
                .then()
                .statusCode(200)
                .extract()
                .asByteArray();

        assertThat(served).isEqualTo(onnx);
    }

    @Test
    void artefactRange_isServedInPart() {
        byte[] onnx = TestModels.small("range", 110, 7);
        String digest = TestModels.register(onnx, "range");

        byte[] served = given().header("Range", "bytes=10-19")
                .get("/api/v1/artefacts/{digest}", digest)
                .then()
                .statusCode(206)
                .header("Content-Range", equalTo("bytes 10-19/" + onnx.length))
                .header("Content-Length", equalTo("10"))
                .extract()
                .asByteArray();

        assertThat(served).isEqualTo(Arrays.copyOfRange(onnx, 10, 20));
    }

    @Test
    void artefactRangeBeyondTheEnd_isProblem() {
        byte[] onnx = TestModels.small("beyond", 111, 7);
        String digest = TestModels.register(onnx, "beyond");

        given().header("Range", "bytes=" + onnx.length + "-")
                .get("/api/v1/artefacts/{digest}", digest)
                .then()
                .statusCode(416)
                .contentType(PROBLEM);
    }

    @Test
    void openApi_describesTheRegistry() {
        given().queryParam("format", "json")
                .get("/q/openapi")
                .then()
                .statusCode(200)
                .body("paths.'/api/v1/models'.post", org.hamcrest.Matchers.notNullValue())
                .body("paths.'/api/v1/artefacts/{sha256}'.get.summary", org.hamcrest.Matchers.notNullValue());
    }

    /** Noise in the CIFAR-10 binary format. */
    private static byte[] records(int count) {
        byte[] bytes = new byte[count * 3073];
        new Random(1).nextBytes(bytes);
        return bytes;
    }
}
