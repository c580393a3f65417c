package io.cema.edge;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Open Inference Protocol over REST, asked of an agent that runs its base model. */
@QuarkusTest
@WithTestResource(value = CloudDouble.class, initArgs = @ResourceArg(name = CloudDouble.SERVING, value = "true"))
class OpenInferenceTest {
    @BeforeEach
    void model() {
        CloudDouble.running().awaitServing();
    }

    @Test
    void server_metadata_namesItAndItsExtensions() {
        given().get("/v2")
                .then()
                .statusCode(200)
                .body("name", equalTo("cema-edge-agent"))
                .body("extensions", hasItem("cema"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v2/models/residual", "/v2/models/residual/versions/base"})
    void model_metadata_isTheModelsSignature(String path) {
        given().get(path)
                .then()
                .statusCode(200)
                .body("name", equalTo("residual"))
                .body("versions[0]", equalTo("base"))
                .body("platform", equalTo("onnx_onnxv1"))
                .body("inputs[0].name", equalTo("input"))
                .body("inputs[0].datatype", equalTo("FP32"))
                .body("inputs[0].shape", equalTo(java.util.List.of(-1, 3, 8, 8)))
                .body("outputs[0].shape", equalTo(java.util.List.of(-1, 5)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v2/models/residual/ready", "/v2/models/residual/versions/base/ready"})
    void model_inUse_isReady(String path) {
        given().get(path).then().statusCode(200).body("ready", equalTo(true));
    }

    @Test
    void model_goesByItsDigestToo() {
        String digest = CloudDouble.running().manifest.digest();

        given().get("/v2/models/" + digest).then().statusCode(200);
        given().get("/v2/models/" + digest.substring(0, 16) + "/ready").then().statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v2/models/other", "/v2/models/other/ready", "/v2/models/residual/versions/2/ready"})
    void model_orVersionUnknown_isNotFoundAndSaysWhatIsInUse(String path) {
        given().get(path).then().statusCode(404).body("error", containsString("in use is"));
    }

    @Test
    void path_unknown_isNotFoundInTheProtocolsForm() {
        given().get("/v2/no/such/path")
                .then()
                .statusCode(404)
                .contentType(ContentType.JSON)
                .body("error", containsString("404"));
    }

    @Test
    void infer_byGet_isTheWrongMethodInTheProtocolsForm() {
        given().get("/v2/models/residual/infer").then().statusCode(405).body("error", containsString("405"));
    }

    @Test
    void infer_asForm_isTheWrongType() {
        given().contentType("application/x-www-form-urlencoded")
                .body("{}")
                .post("/v2/models/residual/infer")
                .then()
                .statusCode(415)
                .body("error", containsString("application/json"));
    }

    @Test
    void infer_compressed_isTheWrongEncoding() {
        given().contentType("application/json")
                .header("Content-Encoding", "br")
                .body("{}")
                .post("/v2/models/residual/infer")
                .then()
                .statusCode(415)
                .body("error", containsString("uncompressed"));
    }

    @Test
    void classify_asJson_isTheWrongType() {
        given().contentType("application/json")
                .body("{}")
                .post("/v1/classify")
                .then()
                .statusCode(415)
                .body("error", containsString("415"));
    }
}
