package io.cema.cloud.metrics;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.cloud.StackResource;
import io.cema.cloud.TestModels;
import io.cema.cloud.adaptation.MeteredLoop;
import io.cema.ops.stack.Scrape;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * The catalogue that dashboards and alerts are checked against is what the service exports. To write it anew:
 * {@code -Dtest=MetricCatalogueTest -Dcema.write=true}.
 */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class MetricCatalogueTest {
    private static final Path FOLDER = Path.of("../ops/observability/metrics");
    private static final Path FILE = FOLDER.resolve("cloud.md");

    @Inject
    DatabaseLook database;

    @Inject
    MeteredLoop loop;

    @Test
    void catalogue_isWhatTheServiceExports() throws IOException {
        Scrape scrape = scrape();

        String table = scrape.table("cema_");
        if (Boolean.getBoolean("cema.write")) {
            Files.writeString(FILE, table);
        }
        assertThat(FILE)
                .as("what is exported has changed: run this test with -Dcema.write=true")
                .content()
                .isEqualTo(table);
    }

    /** Those that dashboards use besides ours. */
    @Test
    void framework_exportsWhatItsCatalogueSays() throws IOException {
        List<String> families = Files.readAllLines(FOLDER.resolve("framework.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("`")[1])
                .toList();
        System.gc(); // its pauses have a series once there was one, and so have requests
        given().get("/api/v1/models").then().statusCode(200);

        assertThat(families).isNotEmpty();
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            Scrape scrape = new Scrape(page());
            assertThat(families).allMatch(scrape::has);
        });
    }

    /** With everything there that comes only when something happens. */
    private Scrape scrape() {
        String cohort = "m" + UUID.randomUUID().toString().substring(0, 8);
        TestModels.cohort(cohort, cohort.hashCode(), "d" + cohort);
        loop.held(cohort);
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            database.look();
            return new Scrape(page()).has("cema_adaptation_loop_held");
        });
        return new Scrape(page());
    }

    private static String page() {
        return given().header("Accept", "text/plain")
                .get("/q/metrics")
                .then()
                .statusCode(200)
                .extract()
                .asString();
    }
}
