package io.cema.cloud.page;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import io.cema.cloud.security.access.Secured;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the page is served; nobody is signed in. */
@QuarkusTest
@TestProfile(Secured.class)
class OperatorPageTest {
    private static final Pattern ASSET = Pattern.compile("/ui/(assets/[^\"]+)");

    @ParameterizedTest
    @ValueSource(strings = {"/ui", "/ui/", "/ui/cohorts/fog-east", "/ui/updates/01JQ8ZC3M5S7T9V1X3Z5A7C9E1", "/ui/a.b"})
    void everyPlace_isAnsweredByThePageUnderItsPolicy(String path) {
        given().get(path)
                .then()
                .statusCode(200)
                .contentType("text/html")
                .header("Content-Security-Policy", equalTo(OperatorPage.POLICY))
                .header("Content-Security-Policy", not(containsString("unsafe")))
                .header("X-Content-Type-Options", equalTo("nosniff"))
                .header("Cache-Control", equalTo("no-cache"))
                .body(containsString("<title>CEMA"));
    }

    @Test
    void root_leadsToThePage() {
        given().redirects().follow(false).get("/").then().statusCode(302).header("Location", equalTo("/ui/"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ui/assets/none.js", "/ui/assets/app.js.map"})
    void fileThatIsNotThere_isAProblemAndNotThePage(String path) {
        given().get(path).then().statusCode(404).contentType("application/problem+json");
    }

    @Test
    void apiThatIsNotThere_isAProblemAndNotThePage() {
        given().get("/api/v1/none").then().statusCode(401).contentType("application/problem+json");
    }

    @Test
    void pageThatIsKnown_isNotSentAgain() {
        String tag = given().get("/ui/").header("ETag");

        given().header("If-None-Match", tag).get("/ui/").then().statusCode(304).body(equalTo(""));
    }

    @Test
    void assets_areKeptForEverUnderNamesOfTheirContent() {
        Assumptions.assumeTrue(PageFiles.load().built(), "built without the operator's page: there are no assets");
        String index = given().get("/ui/").asString();
        Matcher assets = ASSET.matcher(index);
        int found = 0;
        while (assets.find()) {
            Response asset = given().get("/ui/" + assets.group(1));
            assertThat(asset.statusCode()).isEqualTo(200);
            assertThat(asset.header("Cache-Control")).contains("immutable");
            assertThat(assets.group(1)).matches("assets/[a-z]+-[A-Z0-9]{8}\\.(js|css|svg)");
            found++;
        }
        assertThat(found).isEqualTo(3);
    }

    @Test
    void page_writesNothingInline() {
        String index = given().get("/ui/").asString();

        assertThat(index)
                .doesNotContain("style=", "<style", "onclick", "http:", "https:")
                .doesNotContainPattern("<script(?![^>]*src=)");
    }
}
