package io.cema.cloud.security;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestModels;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.signature.SignedLines;
import io.cema.protocol.topic.Principal;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.UpdateReaders;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What brokers are told of slots, as the fleet changes. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class SlotListTest {
    StackProcess stack;

    @ConfigProperty(name = "cema.data-dir")
    Path dataFolder;

    private final String device = "l" + UUID.randomUUID().toString().substring(0, 8);
    private String own;
    private String other;
    private String ownModel;
    private String otherModel;

    @BeforeEach
    void enrol() {
        own = "o" + UUID.randomUUID().toString().substring(0, 8);
        other = "t" + UUID.randomUUID().toString().substring(0, 8);
        ownModel = TestModels.cohort(own, own.hashCode(), device);
        otherModel = TestModels.cohort(other, other.hashCode(), device + "x");
    }

    @Test
    void deviceReadsTheUpdatesOfItsCohortAlone() {
        await(own, ownModel, "stable", true);

        await(own, ownModel, "canary", false);
        await(other, otherModel, "stable", false);
    }

    @Test
    void furtherSlot_isAddedAndTakenAway() {
        given().put("/api/v1/devices/{id}/slots/{c}", device, other).then().statusCode(200);
        await(other, otherModel, "stable", true);
        await(own, ownModel, "stable", true);

        given().delete("/api/v1/devices/{id}/slots/{c}", device, other).then().statusCode(200);

        await(other, otherModel, "stable", false);
        await(own, ownModel, "stable", true);
    }

    @Test
    void deviceThatIsMoved_losesTheOneAndGetsTheOther() {
        await(own, ownModel, "stable", true);

        given().put("/api/v1/cohorts/{c}/devices/{id}", other, device).then().statusCode(200);

        await(other, otherModel, "stable", true);
        await(own, ownModel, "stable", false);
    }

    @Test
    void canaryReadsItsChannelInPlaceOfTheOther() throws SQLException {
        given().contentType("application/json")
                .body(Map.of("canary", Map.of()))
                .put("/api/v1/cohorts/{c}/policy", own)
                .then()
                .statusCode(200);
        await(own, ownModel, "stable", true);

        update("insert into canary_device (tenant, cohort, device) values ('default', '" + own + "', '" + device
                + "')");

        await(own, ownModel, "canary", true);
        await(own, ownModel, "stable", false);
    }

    @Test
    void deviceThatIsDecommissioned_readsNothing() {
        await(own, ownModel, "stable", true);

        given().delete("/api/v1/devices/{id}", device).then().statusCode(204);

        await(own, ownModel, "stable", false);
        assertThat(given().get("/api/v1/certificate-authority/slots").asString())
                .doesNotContain("user default/d/" + device + "\n");
    }

    @Test
    void listOfTheService_isTheOneInTheFile() {
        await(own, ownModel, "stable", true);

        Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(
                        given().get("/api/v1/certificate-authority/slots")
                                .then()
                                .statusCode(200)
                                .extract()
                                .asString())
                .isEqualTo(Files.readString(dataFolder.resolve("ca/slots.acl"))));
    }

    private void await(String cohort, String model, String channel, boolean expected) {
        String topic = Topics.update("default", cohort, model, channel);
        Awaitility.await(topic + " " + expected)
                .atMost(Duration.ofSeconds(60))
                .until(() -> list().mayRead(new Principal.Device("default", device), topic) == expected);
    }

    private UpdateReaders list() throws IOException {
        Path folder = dataFolder.resolve("ca");
        String text = Files.exists(folder.resolve("slots.acl")) ? Files.readString(folder.resolve("slots.acl")) : "";
        return text.isEmpty()
                ? UpdateReaders.NOBODY
                : UpdateReaders.parse(SignedLines.open(
                        UpdateReaders.SIGNED,
                        text,
                        PemFiles.readCertificate(folder.resolve("authority.pem"))
                                .getPublicKey()));
    }

    private void update(String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(stack.jdbcUrl(), stack.databaseUser(), stack.databasePassword());
                Statement statement = connection.createStatement()) {
            statement.execute("select set_config('cema.tenant', 'default', false)");
            statement.execute(sql);
        }
    }
}
