package io.cema.cloud.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.StackResource;
import io.cema.cloud.persistence.SchemaMigration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every endpoint of the running service's own OpenAPI document, with requests that are wrong. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class StrictRequestsTest {
    /** Their bodies have no fields of their own. */
    private static final Set<String> FREE =
            Set.of("put /api/v1/cohorts/{id}/policy", "put /api/v1/devices/{id}/labels");

    @Inject
    SchemaMigration migration;

    /** One line of the document. */
    private record Endpoint(String method, String path, Map<String, Object> operation) {
        boolean takesJson() {
            return operation.get("requestBody") instanceof Map<?, ?> body
                    && body.get("content") instanceof Map<?, ?> content
                    && content.keySet().stream()
                            .anyMatch(type -> type.toString().endsWith("json"));
        }

        boolean hasPages() {
            return operation.get("parameters") instanceof List<?> parameters
                    && parameters.stream().anyMatch(p -> p instanceof Map<?, ?> one && "limit".equals(one.get("name")));
        }

        Response send(String body) {
            return given().contentType("application/json")
                    .body(body)
                    .request(method, path.replaceAll("\\{[^}]+}", "none"));
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    @BeforeEach
    void schemaStands() {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(migration::done);
    }

    @Test
    void unknownField_isRefusedAndNamed() {
        for (Endpoint endpoint : endpoints()) {
            if (endpoint.takesJson() && !FREE.contains(endpoint.toString())) {
                Response answer = endpoint.send("{\"noSuchField\": 1}");
                assertThat(answer.statusCode()).as(endpoint.toString()).isEqualTo(400);
                assertThat(answer.<String>path("detail"))
                        .as(endpoint.toString())
                        .contains("noSuchField");
            }
        }
    }

    @Test
    void malformedJson_isAProblem() {
        for (Endpoint endpoint : endpoints()) {
            if (endpoint.takesJson()) {
                Response answer = endpoint.send("{\"a\": ");
                assertThat(answer.statusCode()).as(endpoint.toString()).isEqualTo(400);
                assertThat(answer.contentType()).as(endpoint.toString()).startsWith("application/problem+json");
            }
        }
    }

    @Test
    void hugePage_isRefused() {
        for (Endpoint endpoint : endpoints()) {
            if (endpoint.hasPages()) {
                Response answer =
                        given().queryParam("limit", 100_000).get(endpoint.path().replaceAll("\\{[^}]+}", "none"));
                assertThat(answer.statusCode()).as(endpoint.toString()).isEqualTo(400);
                assertThat(answer.contentType()).as(endpoint.toString()).startsWith("application/problem+json");
            }
        }
    }

    private static List<Endpoint> endpoints() {
        Map<String, Map<String, Object>> paths = given().accept("application/json")
                .get("/q/openapi?format=json")
                .then()
                .statusCode(200)
                .extract()
                .path("paths");
        List<Endpoint> endpoints = new ArrayList<>();
        paths.forEach((path, item) -> item.forEach((method, found) -> {
            if (found instanceof Map<?, ?> operation && operation.containsKey("responses")) {
                @SuppressWarnings("unchecked")
                Map<String, Object> fields = (Map<String, Object>) operation;
                endpoints.add(new Endpoint(method, path, fields));
            }
        }));
        assertThat(endpoints)
                .hasSizeGreaterThan(30)
                .anyMatch(Endpoint::takesJson)
                .anyMatch(Endpoint::hasPages);
        return endpoints;
    }
}
