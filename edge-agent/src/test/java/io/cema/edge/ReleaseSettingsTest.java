package io.cema.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the launcher tells the agent by its environment (ops/package/bundle/cema-edge-releases). */
class ReleaseSettingsTest {
    @Test
    void environmentOfTheLauncher_isRead() {
        EdgeSettings.Release release = read(Map.of(
                "CEMA_RELEASE_FOLDER", "/var/lib/cema-edge/releases",
                "CEMA_RELEASE_RUNNING", "b",
                "CEMA_RELEASE_VERSION", "0.2.0",
                "CEMA_RELEASE_SUPERVISED", "true"));

        assertThat(release.folder()).contains(Path.of("/var/lib/cema-edge/releases"));
        assertThat(release.running()).isEqualTo("b");
        assertThat(release.version()).contains("0.2.0");
        assertThat(release.supervised()).isTrue();
    }

    @Test
    void bundleThatSaysNoVersion_hasNone() {
        assertThat(read(Map.of("CEMA_RELEASE_VERSION", "")).version()).isEmpty();
    }

    @Test
    void withoutALauncher_nothingIsSupervised() {
        EdgeSettings.Release release = read(Map.of());

        assertThat(release.folder()).isEmpty();
        assertThat(release.supervised()).isFalse();
        assertThat(AgentBuild.own().version()).isNotBlank();
    }

    private static EdgeSettings.Release read(Map<String, String> environment) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withSources(new EnvConfigSource(environment, 300))
                .withMapping(EdgeSettings.class)
                .withDefaultValues(Map.of(
                        "cema.device.id",
                        "cam-1",
                        "cema.data-dir",
                        "/tmp/none",
                        "cema.trust.key-file",
                        "/tmp/none.pem"))
                .build()
                .getConfigMapping(EdgeSettings.class)
                .release();
    }
}
