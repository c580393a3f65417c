package io.cema.cloud.contract;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.cema.cloud.StackResource;
import io.cema.cloud.contract.Contract.Operation;
import io.cema.cloud.persistence.SchemaMigration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every endpoint of the OpenAPI document, asked in ways that it must refuse. What they answer is judged by {@link
 * ContractFilter}, here as in every other test of the module.
 */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class ContractTest {
    @Inject
    SchemaMigration migration;

    private final Contract contract = Contract.ofService();

    @BeforeEach
    void schemaStands() {
        await().atMost(Duration.ofSeconds(60)).until(migration::done);
    }

    @Test
    void everyOperation_hasItsNameSummaryTagAndAnAnswer() {
        Set<String> names = new TreeSet<>();
        for (Operation operation : contract.operations()) {
            JsonNode node = operation.node();
            assertThat(node.path("operationId").asText())
                    .as("%s: a name for clients", operation)
                    .matches("[a-z][A-Za-z0-9]+");
            assertThat(names.add(node.path("operationId").asText()))
                    .as(
                            "%s: %s is the name of another operation; give it an operationId",
                            operation, node.path("operationId"))
                    .isTrue();
            assertThat(node.path("summary").asText())
                    .as("%s: summary", operation)
                    .isNotBlank();
            assertThat(node.path("tags").size())
                    .as("%s: one tag, of its resource", operation)
                    .isEqualTo(1);
            assertThat(operation.statuses())
                    .as("%s: an answer for what went well", operation)
                    .anyMatch(s -> s.startsWith("2"));
        }
    }

    @Test
    void everyAnswerWithContent_hasASchema() {
        for (Operation operation : contract.operations()) {
            for (JsonNode response : operation.node().path("responses")) {
                for (JsonNode content : response.path("content")) {
                    assertThat(operation.method().equals("head") || content.has("schema"))
                            .as("%s: %s", operation, response)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void everyJsonBody_hasAnExample() {
        for (Operation operation : contract.operations()) {
            JsonNode body = operation.node().path("requestBody").path("content").path("application/json");
            assertThat(body.isMissingNode() || body.has("example") || body.has("examples"))
                    .as("%s: an example of the body, or of each required field of its schema", operation)
                    .isTrue();
        }
    }

    @Test
    void everyReference_leadsSomewhere() {
        for (JsonNode reference : contract.document().findValues("$ref")) {
            assertThat(contract.document().at(reference.asText().substring(1)).isMissingNode())
                    .as(reference.asText())
                    .isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]", "null", "\"text\"", "{\"unheardOf\": 1}", "{\"id\": {\"x\": []}}", ""})
    void malformedBody_isRefusedAsDocumented(String body) {
        for (Operation operation : operations("post", "put", "patch")) {
            Response answer =
                    given().contentType("application/json").body(body).request(operation.method(), filled(operation));

            assertThat(answer.statusCode()).as("%s with %s", operation, body).isBetween(200, 499);
        }
    }

    @Test
    void bodyOfAnotherType_isRefusedAsDocumented() {
        for (Operation operation : operations("post", "put", "patch")) {
            Response answer =
                    given().contentType("text/csv").body("a,b").request(operation.method(), filled(operation));

            assertThat(answer.statusCode()).as(operation.toString()).isBetween(200, 499);
        }
    }

    @Test
    void answerInATypeThatIsNotMade_isRefusedAsDocumented() {
        for (Operation operation : operations("get")) {
            Response answer = given().accept("application/x-nothing").get(filled(operation));

            assertThat(answer.statusCode()).as(operation.toString()).isBetween(400, 499);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "501", "2147483648", "ten"})
    void pageThatIsTooLargeOrNone_isRefusedAsDocumented(String limit) {
        for (Operation operation : operations("get")) {
            if (parameters(operation).contains("limit")) {
                Response answer = page(operation).queryParam("limit", limit).get(filled(operation));

                assertThat(answer.statusCode())
                        .as("%s limit=%s", operation, limit)
                        .isEqualTo(400);
            }
        }
    }

    @Test
    void pageFarBehindTheEnd_isEmpty() {
        for (Operation operation : operations("get")) {
            if (parameters(operation).contains("offset")) {
                Response answer = page(operation)
                        .queryParam("offset", Integer.MAX_VALUE)
                        .queryParam("limit", 500)
                        .get(filled(operation));

                assertThat(answer.statusCode()).as(operation.toString()).isIn(200, 404);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "none",
                "UPPER",
                "-",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "0"
            })
    void whatIsNotThere_isAnsweredAsDocumented(String id) {
        for (Operation operation : operations("get", "head", "post", "put", "patch", "delete")) {
            if (operation.variables() > 0) {
                Response answer = given().contentType("application/json")
                        .request(operation.method(), operation.path().replaceAll("\\{[^}]+}", id));

                assertThat(answer.statusCode()).as("%s of %s", operation, id).isLessThan(500);
            }
        }
    }

    @Test
    void undocumentedAnswer_failsTheTest() {
        RestAssured.replaceFiltersWith(List.of(new ContractFilter(contract)));

        assertThatThrownBy(() -> given().filter((request, expected, context) -> {
                            Response answer = context.next(request, expected);
                            return new io.restassured.builder.ResponseBuilder()
                                    .clone(answer)
                                    .setStatusCode(299)
                                    .build();
                        })
                        .get("/api/v1/devices"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("GET /api/v1/devices answers 299");
    }

    private List<Operation> operations(String... methods) {
        return contract.operations().stream()
                .filter(operation -> Set.of(methods).contains(operation.method()) && !operation.streams())
                .toList();
    }

    private static String filled(Operation operation) {
        return operation.path().replaceAll("\\{[^}]+}", "none");
    }

    private static RequestSpecification page(Operation operation) {
        return parameters(operation).contains("cohort") ? given().queryParam("cohort", "none") : given();
    }

    private static Set<String> parameters(Operation operation) {
        Set<String> names = new TreeSet<>();
        operation
                .node()
                .path("parameters")
                .forEach(parameter -> names.add(parameter.path("name").asText()));
        return names;
    }
}
