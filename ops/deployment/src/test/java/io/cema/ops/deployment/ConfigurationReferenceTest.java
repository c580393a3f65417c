package io.cema.ops.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** To write the reference anew: {@code mvn test -pl ops/deployment -Dtest=ConfigurationReferenceTest -Dcema.write=true}. */
class ConfigurationReferenceTest {
    private static final Path FILE = Repository.ROOT.resolve("ops/docs/configuration.md");

    @Test
    void reference_saysWhatTheSourcesSay() throws IOException {
        if (Boolean.getBoolean("cema.write")) {
            Files.writeString(FILE, ConfigurationReference.text());
        }
        assertThat(FILE)
                .as("the settings have changed: run this test with -Dcema.write=true")
                .content()
                .isEqualTo(ConfigurationReference.text());
    }

    @Test
    void nestedAndKebabKeys_areFound() throws IOException {
        assertThat(ConfigurationReference.edge())
                .extracting(Setting::key)
                .contains("cema.device.telemetry-interval", "cema.inference.tensorrt.max-batch", "cema.frames.path")
                .doesNotHaveDuplicates();
        assertThat(ConfigurationReference.cloud())
                .extracting(Setting::key)
                .contains("cema.access.oidc.issuer", "cema.database.password", "cema.mqtt.tls.verify-hostname");
    }
}
