package io.cema.cloud.webhook;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestSamples;
import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.persistence.TenantDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Webhooks from the live event to a real HTTP server. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class WebhookTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Inject
    TenantDatabase database;

    @Inject
    LiveEvents events;

    @Inject
    TestSamples rows;

    private final String type = "t" + UUID.randomUUID().toString().replaceAll("[^a-f]", "") + ".";
    private Receiver receiver;
    private String id;
    private String secret;

    @BeforeEach
    void make() throws IOException {
        rows.count("select 1"); // once the schema stands
        receiver = new Receiver();
        Response made = post(receiver.url("/hook?x=1"), type);
        made.then().statusCode(201).header("Cache-Control", equalTo("no-store"));
        id = made.path("webhook.id");
        secret = made.path("secret");
    }

    @AfterEach
    void close() {
        given().delete("/api/v1/webhooks/{id}", id);
        receiver.close();
    }

    private static Response post(String url, String... types) {
        return given().contentType("application/json")
                .body(Map.of("url", url, "events", List.of(types)))
                .post("/api/v1/webhooks");
    }

    private void happens(String what) {
        Uni<Void> told = database.inTransaction(
                "default", connection -> events.append(connection, what, "things/1", new JsonObject().put("n", 1)));
        told.await().atMost(PATIENCE);
    }

    private ValidatableResponse newest() {
        return given().get("/api/v1/webhooks/{id}/deliveries", id).then().statusCode(200);
    }

    private void awaitState(String state) {
        await().atMost(PATIENCE).untilAsserted(() -> newest().body("items[0].state", equalTo(state)));
    }

    @Test
    void event_isToldSigned() {
        happens(type + "done");

        awaitState("DELIVERED");
        Receiver.Received told = receiver.received().get(0);
        assertThat(told.path()).isEqualTo("/hook?x=1");
        assertThat(told.json().getString("type")).isEqualTo(type + "done");
        assertThat(told.json().getString("subject")).isEqualTo("things/1");
        assertThat(told.json().getJsonObject("data").getInteger("n")).isEqualTo(1);
        byte[] key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
        assertThat(told.signature())
                .isEqualTo(WebhookSignature.sign(key, told.id(), Long.parseLong(told.timestamp()), told.body()));
        newest().body("items[0].status", equalTo(204)).body("items[0].id", equalTo(told.id()));
    }

    @Test
    void eventOfAnotherType_isNotTold() {
        happens("x" + type + "done");
        happens(type + "done");

        awaitState("DELIVERED");
        newest().body("items", hasSize(1));
    }

    @Test
    void receiverThatFails_isToldAgainUnderTheSameId() {
        receiver.answer(503, 302);

        happens(type + "done");

        awaitState("DELIVERED");
        newest().body("items[0].attempts", equalTo(3));
        assertThat(receiver.received())
                .extracting(Receiver.Received::id)
                .containsOnly(receiver.received().get(0).id());
        assertThat(receiver.received()).extracting(Receiver.Received::path).containsOnly("/hook?x=1");
    }

    @Test
    void deliveryThatNobodyTakesForDays_isGivenUpWithAnAlarmUntilTheNextIsTaken() {
        receiver.answer(500);
        rows.execute(
                "insert into webhook_delivery (tenant, id, webhook, event_type, payload, created_at)"
                        + " values (current_setting('cema.tenant'), $1, $2, 'old', '{}', now() - interval '4 days')",
                "old-" + id,
                id);

        awaitState("DEAD");
        newest().body("items[0].problem", containsString("500"));
        given().queryParam("type", "WEBHOOK_FAILING")
                .queryParam("limit", 500)
                .get("/api/v1/alarms")
                .then()
                .body("items.subject", hasItem("webhooks/" + id));
        given().post("/api/v1/webhooks/{id}/test", id).then().statusCode(202);

        await().atMost(PATIENCE).untilAsserted(() -> given().queryParam("type", "WEBHOOK_FAILING")
                .queryParam("limit", 500)
                .get("/api/v1/alarms")
                .then()
                .body("items.subject", not(hasItem("webhooks/" + id))));
    }

    @Test
    void receiverThatIsAway_isTriedAgainLater() throws IOException {
        receiver.close();

        happens(type + "done");

        await().atMost(PATIENCE).untilAsserted(() -> newest().body("items[0].attempts", greaterThan(1)));
        newest().body("items[0].state", equalTo("PENDING"));
        given().get("/api/v1/webhooks/{id}", id).then().body("pending", equalTo(1));
    }

    @Test
    void secret_isShownOnce() {
        assertThat(given().get("/api/v1/webhooks/{id}", id).asString()).doesNotContain(secret, "whsec_");
        assertThat(given().get("/api/v1/webhooks").asString()).doesNotContain(secret, "whsec_");
    }

    @Test
    void webhookThatIsGone_isToldNothing() {
        given().delete("/api/v1/webhooks/{id}", id).then().statusCode(204);

        happens(type + "done");

        assertThat(rows.count("select count(*) from webhook_delivery where webhook = $1", id))
                .isZero();
        given().get("/api/v1/webhooks/{id}/deliveries", id).then().statusCode(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://10.0.0.1/",
                "https://169.254.169.254/latest/meta-data",
                "https://[::1]/",
                "http://8.8.8.8/",
                "file:///etc/passwd"
            })
    void addressWhereWebhooksMayNotLead_isRefused(String url) {
        post(url, "alarm.").then().statusCode(422).body("type", equalTo("urn:cema:problem:webhook-target"));
    }

    @Test
    void eventsThatAreNone_areRefused() {
        post(receiver.url("/"), "Alarm!").then().statusCode(400);
        post(receiver.url("/")).then().statusCode(400);
    }
}
