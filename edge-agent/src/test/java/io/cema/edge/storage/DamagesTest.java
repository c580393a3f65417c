package io.cema.edge.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DamagesTest {
    private final Damages damages = new Damages();

    @Test
    void found_manyOfOneFolder_doNotHideThoseOfAnother() {
        damages.found(Path.of("data", "identity.json"), "is no JSON");
        for (int i = 0; i < 100; i++) {
            damages.found(Path.of("data", "spool", i + ".sample"), "is no sample");
        }

        assertThat(damages.count()).isEqualTo(101);
        assertThat(damages.newest())
                .hasSize(11)
                .startsWith(Path.of("data", "identity.json") + " is no JSON")
                .endsWith(Path.of("data", "spool", "99.sample") + " is no sample");
    }

    @Test
    void found_inManyFolders_theNewestAreTold() {
        for (int i = 0; i < 40; i++) {
            damages.found(Path.of("folder-" + i, "file"), "is gone");
        }

        assertThat(damages.newest()).hasSize(32).startsWith(Path.of("folder-8", "file") + " is gone");
    }
}
