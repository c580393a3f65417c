package io.cema.cloud.truth;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.closeTo;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.nullValue;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestModels;
import io.cema.cloud.TestSamples;
import io.cema.cloud.TestSamples.Kind;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Labels and the accuracy they prove. Every upload was predicted as class 1. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class TruthTest {
    private static final String VERSION = "01JQ8ZC3M5S7T9V1X3Z5A7C9E1";

    @Inject
    TestSamples samples;

    private String cohort;
    private String device;
    private Kind kind;

    @BeforeEach
    void fleet() {
        String suffix = UUID.randomUUID().toString().substring(0, 8);
        cohort = "t" + suffix;
        device = "d" + suffix;
        kind = Kind.of(device, cohort, TestModels.cohort(cohort, cohort.hashCode(), device));
    }

    @Test
    void next_drawsEveryRandomUploadUntilAllAreLabelled() {
        samples.add(kind.because("INFORMATIVE"));
        Set<String> waiting = new HashSet<>(Set.of(samples.add(kind), samples.add(kind), samples.add(kind)));

        while (!waiting.isEmpty()) {
            String id = next().statusCode(200)
                    .body("device", equalTo(device))
                    .body("classes", equalTo(10))
                    .body("predictedClass", nullValue())
                    .extract()
                    .path("sampleId");
            assertThat(waiting.remove(id)).as(id).isTrue();
            label(id, "{\"class\": 1}").statusCode(200);
        }
        next().statusCode(204);
    }

    @Test
    void next_ofNoCohort_isAProblem() {
        given().get("/api/v1/labelling/next").then().statusCode(400);
        given().queryParam("cohort", "nobody")
                .get("/api/v1/labelling/next")
                .then()
                .statusCode(404)
                .body("detail", containsString("nobody"));
    }

    @Test
    void label_saysWhatWhoAndWhen() {
        String id = samples.add(kind);

        label(id, "{\"class\": 3}").statusCode(200).header("ETag", "\"1\"");

        given().get("/api/v1/samples/{device}/{id}/label", device, id)
                .then()
                .statusCode(200)
                .header("ETag", "\"1\"")
                .body("class", equalTo(3))
                .body("labelledBy", equalTo("anonymous"))
                .body("labelledAt", containsString("T"));
    }

    @Test
    void label_withAStaleTag_isRefused() {
        String id = samples.add(kind);
        label(id, "{\"class\": 3}");
        given().contentType("application/json")
                .header("If-Match", "\"1\"")
                .body("{\"class\": 4}")
                .put("/api/v1/samples/{device}/{id}/label", device, id)
                .then()
                .statusCode(200)
                .header("ETag", "\"2\"");

        given().contentType("application/json")
                .header("If-Match", "\"1\"")
                .body("{\"class\": 5}")
                .put("/api/v1/samples/{device}/{id}/label", device, id)
                .then()
                .statusCode(412);
        given().header("If-Match", "\"1\"")
                .delete("/api/v1/samples/{device}/{id}/label", device, id)
                .then()
                .statusCode(412);
    }

    @Test
    void label_takenBack_isGoneAndMayBeTakenBackAgain() {
        String id = samples.add(kind);
        label(id, "{\"class\": 3}");

        for (int i = 0; i < 2; i++) {
            given().delete("/api/v1/samples/{device}/{id}/label", device, id)
                    .then()
                    .statusCode(204);
        }

        given().get("/api/v1/samples/{device}/{id}/label", device, id).then().statusCode(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"class\": -1}", "{\"class\": \"fog\"}", "{\"class\": null}", "{", "[]"})
    void label_thatIsNone_isInvalid(String body) {
        label(samples.add(kind), body).statusCode(400).contentType("application/problem+json");
    }

    @Test
    void label_ofAClassTheModelHasNot_isUnprocessable() {
        label(samples.add(kind), "{\"class\": 10}").statusCode(422).body("detail", containsString("0 to 9"));
    }

    @Test
    void label_ofNoSample_isNotFound() {
        label("01JQ8ZC3M5S7T9V1X3Z5A7C9E1", "{\"class\": 1}").statusCode(404);
        given().delete("/api/v1/samples/{device}/{id}/label", device, "none")
                .then()
                .statusCode(404);
    }

    @Test
    void label_goesWithItsSample() {
        label(samples.add(kind), "{\"class\": 1}");

        given().delete("/api/v1/samples?device=" + device).then().statusCode(200);

        assertThat(samples.count("select count(*) from label where device = $1", device))
                .isZero();
    }

    @Test
    void accuracy_comesWithItsIntervalPerVersion() {
        labelled(8, 2, kind);
        labelled(1, 1, kind.under(VERSION));
        samples.add(kind.under(VERSION));

        accuracy("")
                .body("items", hasSize(2))
                .body("items[0].version", equalTo(VERSION))
                .body("items[0].uploads", equalTo(3))
                .body("items[0].labelled", equalTo(2))
                .body("items[1].version", equalTo(""))
                .body("items[1].correct", equalTo(8))
                .body("items[1].accuracy.toDouble()", closeTo(0.8, 1e-9))
                .body("items[1].low.toDouble()", closeTo(0.4902, 1e-4))
                .body("items[1].high.toDouble()", closeTo(0.9433, 1e-4))
                .body("items[1].meanEntropy.toDouble()", closeTo(0.5, 1e-6));
    }

    @Test
    void accuracy_countsUploadsDrawnAtRandomAlone() {
        labelled(0, 5, kind.because("INFORMATIVE"));
        labelled(5, 0, kind);

        accuracy("").body("items", hasSize(1)).body("items[0].correct", equalTo(5));
    }

    @Test
    void accuracy_withoutLabels_isNotGuessed() {
        samples.add(kind);

        accuracy("").body("items[0].accuracy", nullValue()).body("items[0].uploads", equalTo(1));
    }

    @Test
    void accuracy_ofOneVersionAndATime_isAskedFor() {
        labelled(1, 0, kind);
        labelled(1, 0, kind.under(VERSION).at(Instant.now().minusSeconds(7200)));

        accuracy("?version=base").body("items.version", equalTo(java.util.List.of("")));
        accuracy("?version=" + VERSION).body("items", hasSize(1));
        accuracy("?since=" + Instant.now().minusSeconds(3600)).body("items.version", equalTo(java.util.List.of("")));
        accuracy("?limit=1").body("items", hasSize(1)).body("next", equalTo(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"since=yesterday", "limit=100000", "offset=-1"})
    void accuracy_withAParameterOutOfRange_isInvalid(String query) {
        given().get("/api/v1/cohorts/{id}/accuracy?" + query, cohort)
                .then()
                .statusCode(400)
                .contentType("application/problem+json");
    }

    @Test
    void accuracy_ofNoCohort_isNotFound() {
        given().get("/api/v1/cohorts/nobody/accuracy").then().statusCode(404);
    }

    @Test
    void accuracy_doesNotHideTheCohort() {
        given().get("/api/v1/cohorts/{id}", cohort).then().statusCode(200).body("devices", hasSize(1));
        given().get("/api/v1/samples/{device}/{id}", device, samples.add(kind))
                .then()
                .statusCode(200)
                .body("ordinal", greaterThan(0))
                .body("width", lessThan(100));
    }

    private void labelled(int right, int wrong, Kind of) {
        for (int i = 0; i < right + wrong; i++) {
            label(samples.add(of), "{\"class\": " + (i < right ? 1 : 2) + "}").statusCode(200);
        }
    }

    private ValidatableResponse next() {
        return given().queryParam("cohort", cohort)
                .get("/api/v1/labelling/next")
                .then();
    }

    private ValidatableResponse label(String id, String body) {
        return given().contentType("application/json")
                .body(body)
                .put("/api/v1/samples/{device}/{id}/label", device, id)
                .then();
    }

    private ValidatableResponse accuracy(String query) {
        return given().get("/api/v1/cohorts/{id}/accuracy" + query, cohort)
                .then()
                .statusCode(200);
    }
}
