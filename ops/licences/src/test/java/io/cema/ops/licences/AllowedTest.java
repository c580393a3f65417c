package io.cema.ops.licences;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class AllowedTest {
    private static final Allowed ALLOWED = Allowed.parse("# why\nMIT\nApache-2.0 # too\n\npkg:maven/org.x/y MIT\n");

    @Test
    void libraryUnderAnotherLicence_isNamedWithItAndWhatToDo() {
        assertThat(ALLOWED.complaint(library("pkg:maven/org.x/z@1.0?type=jar", "AGPL-3.0-only")))
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("pkg:maven/org.x/z@1.0", "AGPL-3.0-only", "ops/licences/allowed.txt", "use another"));
    }

    @Test
    void libraryThatNamesNoLicence_isRefused() {
        assertThat(ALLOWED.complaint(library("pkg:maven/org.x/z@1.0"))).isPresent();
    }

    @Test
    void oneOfSeveralLicences_isEnough() {
        assertThat(ALLOWED.complaint(library("pkg:npm/z@1.0", "GPL-2.0-only", "MIT")))
                .isEmpty();
        assertThat(ALLOWED.complaint(library("pkg:npm/z@1.0", "(GPL-2.0-only OR MIT)")))
                .isEmpty();
    }

    @Test
    void bothOfTwoLicencesAtOnce_areAskedFor() {
        assertThat(ALLOWED.complaint(library("pkg:npm/z@1.0", "GPL-2.0-only AND MIT")))
                .isPresent();
        assertThat(ALLOWED.complaint(library("pkg:npm/z@1.0", "Apache-2.0 AND MIT")))
                .isEmpty();
    }

    @Test
    void libraryNamedWithItsLicence_isAllowedInEveryVersion() {
        assertThat(ALLOWED.complaint(library("pkg:maven/org.x/y@7?type=jar"))).isEmpty();
    }

    @Test
    void libraryNamedWithALicenceThatIsNotAllowed_isAMistakeInTheList() {
        assertThatThrownBy(() -> Allowed.parse("MIT\npkg:maven/org.x/y GPL-3.0-only\n"))
                .hasMessageContaining("pkg:maven/org.x/y GPL-3.0-only");
    }

    private static Library library(String name, String... licences) {
        return new Library(name, List.of(licences), true);
    }
}
