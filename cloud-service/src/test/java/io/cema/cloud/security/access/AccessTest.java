package io.cema.cloud.security.access;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.cema.cloud.persistence.SchemaMigration;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every endpoint of the running service's own OpenAPI document, with and without rights. */
@QuarkusTest
@TestProfile(Secured.class)
class AccessTest {
    private static final String PROBLEM = "application/problem+json";
    private static final Set<String> READING = Set.of("get", "head", "options");
    private static final Duration HOUR = Duration.ofHours(1);

    @Inject
    SchemaMigration migration;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    private LocalIssuer issuer;
    private String viewer;
    private String operator;
    private String admin;

    /** One line of the document. */
    private record Endpoint(String method, String path, boolean secured, String role, Set<String> statuses) {
        Response call(String token) {
            RequestSpecification request = given();
            if (token != null) {
                request.header("Authorization", "Bearer " + token);
            }
            if (path.endsWith("/stream")) {
                request.queryParam("after", "nothing"); // refused once the rights are clear: else it would not end
            }
            return (READING.contains(method)
                            ? request
                            : request.contentType("application/json").body("{}"))
                    .request(method, path.replaceAll("\\{[^}]+}", "none"));
        }

        void refuses(String token, int status, String kind) {
            if (method.equals("head")) { // has no body to say why
                assertThat(call(token).statusCode()).as(path).isEqualTo(status);
                return;
            }
            call(token)
                    .then()
                    .log()
                    .ifValidationFails()
                    .statusCode(status)
                    .contentType(PROBLEM)
                    .body("status", equalTo(status))
                    .body("type", equalTo("urn:cema:problem:" + kind));
        }
    }

    @BeforeEach
    void tokens() throws IOException {
        await().atMost(Duration.ofSeconds(60)).until(migration::done);
        issuer = LocalIssuer.open(dataFolder.resolve("access"), "default", HOUR, Clock.systemUTC());
        viewer = issuer.issue("vera", Role.VIEWER, HOUR).token();
        operator = issuer.issue("olga", Role.OPERATOR, HOUR).token();
        admin = issuer.issue("ada", Role.ADMIN, HOUR).token();
    }

    @Test
    void withoutToken_onlyWhatIsProvedOtherwiseIsAnswered() {
        Set<String> open = new TreeSet<>();
        for (Endpoint endpoint : endpoints()) {
            if (endpoint.secured()) {
                endpoint.refuses(null, 401, "not-authenticated");
            } else {
                open.add(endpoint.method() + " " + endpoint.path());
            }
        }

        assertThat(open)
                .containsExactly(
                        "post /api/v1/devices/{id}/certificate",
                        "post /api/v1/enrolments",
                        "post /api/v1/re-enrolments");
    }

    @Test
    void tokenOfAnotherTenant_opensNothing() throws IOException {
        String foreign = LocalIssuer.open(dataFolder.resolve("access"), "other", HOUR, Clock.systemUTC())
                .issue("eve", Role.ADMIN, HOUR)
                .token();

        for (Endpoint endpoint : secured()) {
            endpoint.refuses(foreign, 403, "foreign-tenant");
        }
    }

    @Test
    void viewer_changesNothing() {
        for (Endpoint endpoint : secured()) {
            if (!READING.contains(endpoint.method())) {
                endpoint.refuses(viewer, 403, "role-missing");
            }
        }
    }

    @Test
    void roleThatTheDocumentNames_isEnoughAndTheOneBelowIsNot() {
        Map<String, String> tokens = Map.of("viewer", viewer, "operator", operator, "admin", admin);
        for (Endpoint endpoint : secured()) {
            assertThat(endpoint.call(tokens.get(endpoint.role())).statusCode())
                    .as("%s with role %s", endpoint, endpoint.role())
                    .isNotIn(401, 403, 500);
            if (endpoint.role().equals("admin")) {
                endpoint.refuses(operator, 403, "role-missing");
            }
        }
    }

    @Test
    void document_namesTheAnswersOfTheFilter() {
        for (Endpoint endpoint : secured()) {
            assertThat(endpoint.statuses()).as(endpoint.toString()).contains("401", "403");
        }
    }

    @Test
    void adminsMatters_areForAdmins() {
        Set<String> forAdmins = new TreeSet<>();
        for (Endpoint endpoint : secured()) {
            if (endpoint.role().equals("admin")) {
                forAdmins.add(endpoint.method() + " " + endpoint.path());
            }
        }

        assertThat(forAdmins)
                .containsExactly(
                        "delete /api/v1/agent-releases/cohorts/{cohort}",
                        "delete /api/v1/agent-releases/devices/{device}",
                        "delete /api/v1/agent-releases/{version}",
                        "delete /api/v1/claims/{id}",
                        "delete /api/v1/cohorts/{id}",
                        "delete /api/v1/devices/{id}",
                        "delete /api/v1/devices/{id}/certificate",
                        "delete /api/v1/samples",
                        "delete /api/v1/tokens/{id}",
                        "delete /api/v1/webhooks/{id}",
                        "get /api/v1/audit",
                        "get /api/v1/webhooks",
                        "get /api/v1/webhooks/{id}",
                        "get /api/v1/webhooks/{id}/deliveries",
                        "post /api/v1/agent-releases",
                        "post /api/v1/claims",
                        "post /api/v1/cohorts",
                        "post /api/v1/tokens",
                        "post /api/v1/update-rollouts/{version}/promote",
                        "post /api/v1/webhooks",
                        "post /api/v1/webhooks/{id}/test",
                        "put /api/v1/agent-releases/{version}/cohorts/{cohort}",
                        "put /api/v1/agent-releases/{version}/devices/{device}",
                        "put /api/v1/cohorts/{id}/policy",
                        "put /api/v1/re-enrolments/{id}/decision");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/q/metrics",
                "/q/openapi",
                "/q/swagger-ui/",
                "/q/swagger-ui",
                "/api/v1",
                "/nothing",
                "/q",
                "/uix"
            })
    void pagesOfTheFramework_needATokenToo(String path) {
        given().redirects()
                .follow(false)
                .get(path)
                .then()
                .statusCode(401)
                .header("WWW-Authenticate", containsString("Bearer"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/q/health", "/q/health/live", "/q/health/ready", "/q/health/started"})
    void health_isOpen(String path) {
        given().get(path).then().statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/claims;x=y",
                "/api/v1//claims",
                "/api/v1/%63laims",
                "/q/health/../metrics",
                "/q/health/%2e%2e/metrics",
                "/api/v1/x/../enrolments"
            })
    void pathWrittenInAnotherWay_isRefused(String path) throws IOException, InterruptedException {
        // Not by RestAssured, which writes paths anew.
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + RestAssured.port + path))
                .header("Authorization", "Bearer " + operator)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"device\": \"sly\"}"))
                .build();

        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    }

    @Test
    void monitor_readsMetricsAndNothingElse() throws IOException {
        String monitor = issuer.issue("prometheus", Role.MONITOR, HOUR).token();

        as(monitor).get("/q/metrics").then().statusCode(200);
        for (Endpoint endpoint : secured()) {
            endpoint.refuses(monitor, 403, "role-missing");
        }
    }

    @Test
    void slashAtTheEnd_makesNoDifference() {
        given().header("Authorization", "Bearer " + operator)
                .contentType("application/json")
                .body("{\"device\": \"sly\"}")
                .post("/api/v1/claims/")
                .then()
                .statusCode(403);
    }

    @Test
    void issuedToken_worksInItsRoleUntilItIsRevoked() {
        Response issued = as(admin)
                .body("{\"subject\": \"temp\", \"role\": \"operator\", \"lifetime\": \"PT5M\"}")
                .post("/api/v1/tokens");
        issued.then().statusCode(201).header("Cache-Control", equalTo("no-store"));
        String token = issued.path("token");
        as(token).get("/api/v1/devices").then().statusCode(200);
        as(token).post("/api/v1/tokens").then().statusCode(403);

        as(admin)
                .delete("/api/v1/tokens/{id}", issued.<String>path("id"))
                .then()
                .statusCode(204);

        as(token).get("/api/v1/devices").then().statusCode(401).body("detail", containsString("revoked"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"subject\": \"x\", \"role\": \"operator\", \"lifetime\": \"P1000D\"}",
                "{\"subject\": \"x\", \"role\": \"operator\", \"lifetime\": \"PT0S\"}",
                "{\"subject\": \"x\", \"role\": \"root\"}",
                "{\"subject\": \"x\"}",
                "{\"subject\": \"anonymous\", \"role\": \"viewer\"}",
                "{\"subject\": \"device:cam-1\", \"role\": \"viewer\"}",
                "{"
            })
    void tokenThatIsNotOne_isInvalid(String body) {
        as(admin).body(body).post("/api/v1/tokens").then().statusCode(400).contentType(PROBLEM);
    }

    @Test
    void auditLog_namesWhoDidAndWhoWasRefused() {
        as(operator)
                .body("{\"subject\": \"x\", \"role\": \"admin\"}")
                .post("/api/v1/tokens")
                .then()
                .statusCode(403);
        Response issued =
                as(admin).body("{\"subject\": \"x\", \"role\": \"viewer\"}").post("/api/v1/tokens");

        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            as(admin)
                    .queryParams("who", "ada", "resource", "/api/v1/tokens", "operation", "POST")
                    .get("/api/v1/audit")
                    .then()
                    .body("items[0].outcome", equalTo("DONE"))
                    .body("items[0].created", equalTo("/api/v1/tokens/" + issued.path("id")));
            as(admin)
                    .queryParams("who", "olga", "resource", "/api/v1/tokens")
                    .get("/api/v1/audit")
                    .then()
                    .body("items[0].outcome", equalTo("REFUSED"))
                    .body("items[0].status", equalTo(403));
        });
    }

    @Test
    void firstAdminsToken_isAdminsAndForTheOwnerAlone() throws IOException {
        Path folder = dataFolder.resolve("access");

        as(Files.readString(folder.resolve(LocalIssuer.FIRST_ADMIN)))
                .get("/api/v1/audit")
                .then()
                .statusCode(200);
        for (String file : List.of(LocalIssuer.FIRST_ADMIN, LocalIssuer.KEY)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(file))))
                    .isEqualTo("rw-------");
        }
    }

    private static RequestSpecification as(String token) {
        return given().header("Authorization", "Bearer " + token).contentType("application/json");
    }

    private List<Endpoint> secured() {
        return endpoints().stream().filter(Endpoint::secured).toList();
    }

    private List<Endpoint> endpoints() {
        Map<String, Map<String, Object>> paths = as(admin)
                .accept("application/json")
                .get("/q/openapi?format=json")
                .then()
                .statusCode(200)
                .body("components.securitySchemes.bearer.scheme", equalTo("bearer"))
                .extract()
                .path("paths");
        List<Endpoint> endpoints = new ArrayList<>();
        paths.forEach((path, item) -> item.forEach((method, found) -> {
            if (found instanceof Map<?, ?> operation && operation.containsKey("responses")) {
                endpoints.add(new Endpoint(
                        method,
                        path,
                        operation.containsKey("security"),
                        (String) operation.get("x-cema-role"),
                        ((Map<String, ?>) operation.get("responses")).keySet()));
            }
        }));
        assertThat(endpoints).hasSizeGreaterThan(30);
        return endpoints;
    }
}
