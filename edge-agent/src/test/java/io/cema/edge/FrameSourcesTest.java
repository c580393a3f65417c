package io.cema.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.edge.device.AgentMetrics;
import io.cema.edge.frame.Frame;
import io.cema.edge.frame.FrameSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From settings as a user writes them to a source. */
class FrameSourcesTest {
    @TempDir
    Path folder;

    @Test
    void none_isTheDefault() throws IOException {
        assertThat(open(Map.of())).isEmpty();
    }

    @Test
    void command_lineWithCommas_isStartedAsProgramAndArguments() throws IOException {
        Map<String, String> settings = Map.of(
                "cema.frames.source", "command",
                "cema.frames.command.line", "printf,%s%s,ab,cd",
                "cema.frames.command.width", "2",
                "cema.frames.command.height", "2",
                "cema.frames.command.format", "gray");
        try (FrameSource source = open(settings).orElseThrow()) {
            Frame frame = source.next().orElseThrow();

            assertThat(frame.image().rgb())
                    .startsWith('a', 'a', 'a', 'b', 'b', 'b', 'c')
                    .hasSize(12);
        }
    }

    @Test
    void command_withoutALine_isRefusedWithTheSettingsName() {
        assertThatThrownBy(() -> open(Map.of(
                        "cema.frames.source", "command",
                        "cema.frames.command.width", "2",
                        "cema.frames.command.height", "2")))
                .hasMessageContaining("cema.frames.command.line");
    }

    @Test
    void http_description_holdsNoCredentials() throws IOException {
        Map<String, String> settings = Map.of(
                "cema.frames.source", "http",
                "cema.frames.http.url", "http://camera.invalid/video?password=secret",
                "cema.frames.http.user", "cam",
                "cema.frames.http.password", "secret");
        try (FrameSource source = open(settings).orElseThrow()) {
            assertThat(source.description()).isEqualTo("MJPEG from http://camera.invalid/video");
        }
    }

    @Test
    void http_withoutAUrl_isRefusedWithTheSettingsName() {
        assertThatThrownBy(() -> open(Map.of("cema.frames.source", "http")))
                .hasMessageContaining("cema.frames.http.url");
    }

    @Test
    void watch_allItsSettings_areRead() throws IOException {
        Map<String, String> settings = Map.of(
                "cema.frames.source", "watch",
                "cema.frames.path", folder.resolve("images").toString(),
                "cema.frames.watch.order", "time",
                "cema.frames.watch.afterwards", "delete",
                "cema.frames.watch.settle", "250ms");
        try (FrameSource source = open(settings).orElseThrow()) {
            assertThat(source.description()).endsWith("images");
        }
    }

    private Optional<FrameSource> open(Map<String, String> settings) throws IOException {
        SmallRyeConfigBuilder builder =
                new SmallRyeConfigBuilder().addDiscoveredConverters().withMapping(FrameSettings.class, "cema.frames");
        settings.forEach(builder::withDefaultValue);
        FrameSettings frames = builder.build().getConfigMapping(FrameSettings.class, "cema.frames");
        return FrameSources.open(frames, folder, new AgentMetrics(), Clock.systemUTC());
    }
}
