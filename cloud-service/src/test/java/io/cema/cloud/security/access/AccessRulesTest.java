package io.cema.cloud.security.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class AccessRulesTest {
    private final AccessRules rules = new AccessRules(true);

    @Test
    void endpointThatNobodyThoughtOf_isNotOpen() {
        assertThat(rules.needed("GET", "/api/v1/new")).contains(Role.VIEWER);
        assertThat(rules.needed("POST", "/api/v1/new")).contains(Role.OPERATOR);
        assertThat(rules.needed("TRACE", "/api/v1/new")).contains(Role.OPERATOR);
    }

    @Test
    void linesHoldForWholePaths() {
        assertThat(rules.needed("GET", "/q/healthy")).contains(Role.VIEWER);
        assertThat(rules.needed("POST", "/api/v1/enrolments/more")).contains(Role.OPERATOR);
        assertThat(rules.needed("GET", "/x/q/health")).contains(Role.VIEWER);
    }

    @Test
    void page_isOpenToRead_andNothingThatBeginsLikeIt() {
        assertThat(rules.needed("GET", "/")).isEmpty();
        assertThat(rules.needed("GET", "/ui/assets/app.js")).isEmpty();
        assertThat(rules.needed("POST", "/ui")).contains(Role.OPERATOR);
        assertThat(rules.needed("GET", "/uix")).contains(Role.VIEWER);
    }

    @Test
    void images_areForOperatorsAndErasingForAdmins() {
        assertThat(rules.needed("GET", "/api/v1/samples/cam/1/image")).contains(Role.OPERATOR);
        assertThat(rules.needed("HEAD", "/api/v1/samples/cam/1/image")).contains(Role.OPERATOR);
        assertThat(rules.needed("GET", "/api/v1/samples/cam/1")).contains(Role.VIEWER);
        assertThat(rules.needed("DELETE", "/api/v1/samples")).contains(Role.ADMIN);
        assertThat(rules.needed("DELETE", "/api/v1/samples/cam/1/label")).contains(Role.OPERATOR);
    }

    @Test
    void artefacts_areOpenOnlyWhereTheSettingSaysSo() {
        String path = "/api/v1/artefacts/" + "0".repeat(64);

        assertThat(rules.needed("GET", path)).isEqualTo(Optional.empty());
        assertThat(new AccessRules(false).needed("GET", path)).contains(Role.VIEWER);
        assertThat(rules.needed("DELETE", path)).contains(Role.OPERATOR);
    }

    @Test
    void devices_mayReadArtefactsAndNothingElse() {
        String digest = "0".repeat(64);

        assertThat(AccessRules.artefact("GET", "/api/v1/artefacts/" + digest)).contains(digest);
        assertThat(AccessRules.artefact("HEAD", "/api/v1/artefacts/" + digest)).contains(digest);
        assertThat(AccessRules.artefact("DELETE", "/api/v1/artefacts/" + digest))
                .isEmpty();
        assertThat(AccessRules.artefact("GET", "/api/v1/artefacts/" + digest + "/more"))
                .isEmpty();
        assertThat(AccessRules.artefact("GET", "/api/v1/models")).isEmpty();
    }
}
