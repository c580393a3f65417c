package io.cema.protocol.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ModelManifestTest {
    private static final ModelManifest MANIFEST = new ModelManifest(
            "0123456789abcdef".repeat(4),
            "resnet20",
            1_100_000,
            17,
            "input",
            32,
            32,
            "logits",
            2,
            List.of("cat", "dög"),
            new Preprocessing(List.of(0.4914, 0.4822, 0.4465), List.of(0.2023, 0.1994, 0.2010)),
            List.of(
                    new NormLayer("bn1", NormKind.BATCH, 16, 1e-5, false),
                    new NormLayer("ln", NormKind.LAYER, 64, 1e-6, true)));

    @Test
    void json_brings_back_the_same_manifest() {
        assertThat(ModelManifest.fromJson(MANIFEST.toJson())).isEqualTo(MANIFEST);
    }

    @Test
    void json_holds_the_components_and_nothing_derived() {
        assertThat(new String(MANIFEST.toJson(), UTF_8))
                .contains("\"layers\":[{\"name\":\"bn1\"")
                .doesNotContain("shortDigest")
                .doesNotContain("\"channels\":80");
    }

    @Test
    void manifest_of_a_newer_cloud_is_read() {
        String newer = new String(MANIFEST.toJson(), UTF_8)
                .replaceFirst("\\{", "{\"precision\":\"int8\",")
                .replace("\"epsilon\"", "\"axis\":1,\"epsilon\"");
        assertThat(ModelManifest.fromJson(newer.getBytes(UTF_8))).isEqualTo(MANIFEST);
    }

    @Test
    void text_that_is_no_manifest_is_refused() {
        for (String text : List.of("", "null", "[]", "{}", "{\"digest\":\"xyz\"}")) {
            assertThatThrownBy(() -> ModelManifest.fromJson(text.getBytes(UTF_8)))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
