package io.cema.cloud.truth;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.closeTo;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
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
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What uploads say over time without labels. Every upload was predicted as class 1. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class ProxyTest {
    private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");
    private static final String HOUR = "?since=2026-01-31T12:00:00Z&until=2026-01-31T13:00:00Z";

    @Inject
    TestSamples samples;

    private String cohort;
    private String device;
    private Kind kind;

    @BeforeEach
    void fleet() {
        String suffix = UUID.randomUUID().toString().substring(0, 8);
        cohort = "p" + suffix;
        device = "d" + suffix;
        kind = Kind.of(device, cohort, TestModels.cohort(cohort, cohort.hashCode(), device))
                .at(NOON);
    }

    @Test
    void uploads_areCountedInStepsThatBeginAtMultiplesOfTheirLength() {
        samples.addMany(kind.at(NOON.plusSeconds(59)), 2);
        samples.addMany(kind.at(NOON.plusSeconds(125)), 3);

        proxies(HOUR)
                .body("$", hasSize(2))
                .body("[0].at", equalTo("2026-01-31T12:00:00Z"))
                .body("[0].uploads", equalTo(2))
                .body("[0].bytes", equalTo(2))
                .body("[1].at", equalTo("2026-01-31T12:02:00Z"))
                .body("[1].uploads", equalTo(3));
    }

    @Test
    void chosenUploads_areApartFromThoseDrawnAtRandom() {
        samples.addMany(kind.because("INFORMATIVE"), 3);
        samples.addMany(kind, 1);
        seen("INFORMATIVE", 2);
        seen("RANDOM", 1);

        proxies(HOUR)
                .body("[0].uploads", equalTo(4))
                .body("[0].randomUploads", equalTo(1))
                .body("[0].agreement.toDouble()", closeTo(0.25, 1e-9))
                .body("[0].randomAgreement.toDouble()", closeTo(1, 1e-9))
                .body("[0].randomEntropy.toDouble()", closeTo(0.5, 1e-6));
    }

    @Test
    void uploadsTheTeacherHasNotSeen_proveNothing() {
        samples.addMany(kind.because("INFORMATIVE"), 1);

        proxies(HOUR).body("[0].agreement", nullValue()).body("[0].randomEntropy", nullValue());
    }

    @Test
    void endOfTheTime_isOutside() {
        samples.add(kind.at(NOON.plusSeconds(3600)));

        proxies(HOUR).body("$", hasSize(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"since=yesterday", "until=now", "step=0", "step=86401", "step=1"})
    void parameterOutOfItsRange_isInvalid(String query) {
        given().get("/api/v1/cohorts/{id}/proxies?" + query, cohort)
                .then()
                .statusCode(400)
                .contentType("application/problem+json");
    }

    @Test
    void tooManySteps_areRefusedWithTheRemedy() {
        given().get("/api/v1/cohorts/{id}/proxies?step=1", cohort)
                .then()
                .statusCode(400)
                .body("detail", containsString("raise `step`"));
    }

    @Test
    void noCohort_isNotFound() {
        given().get("/api/v1/cohorts/nobody/proxies").then().statusCode(404);
    }

    @Test
    void sample_saysWhatTheTeacherSaw_onceItHasLooked() {
        String id = samples.add(kind);
        given().get("/api/v1/samples/{device}/{id}", device, id).then().body("teacherClass", nullValue());

        seen("RANDOM", 7);

        given().get("/api/v1/samples/{device}/{id}", device, id).then().body("teacherClass", equalTo(7));
    }

    private void seen(String reason, int teacherClass) {
        samples.execute(
                "update sample set teacher_class = $3::int where cohort = $1 and reason = $2",
                cohort,
                reason,
                teacherClass);
    }

    private ValidatableResponse proxies(String query) {
        return given().get("/api/v1/cohorts/{id}/proxies" + query, cohort)
                .then()
                .statusCode(200);
    }
}
