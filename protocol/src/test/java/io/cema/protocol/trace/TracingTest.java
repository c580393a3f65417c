package io.cema.protocol.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class TracingTest {
    @Test
    void spans_goToTheCollectorByOtlp() throws Exception {
        Map<String, String> taken = new ConcurrentHashMap<>();
        HttpServer collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/", call -> {
            byte[] body = call.getRequestBody().readAllBytes();
            taken.put(call.getRequestURI().getPath(), new String(body, StandardCharsets.ISO_8859_1));
            call.sendResponseHeaders(200, -1);
            call.close();
        });
        collector.start();
        URI endpoint = URI.create("http://127.0.0.1:" + collector.getAddress().getPort() + "/");
        try (Tracing tracing = Tracing.to(Optional.of(endpoint), "cema-edge", "cam-1", 1)) {
            tracing.tracer().spanBuilder("frame").startSpan().end();
            await().atMost(Duration.ofSeconds(60)).until(() -> !taken.isEmpty());
        } finally {
            collector.stop(0);
        }

        assertThat(taken).containsOnlyKeys("/v1/traces");
        assertThat(taken.get("/v1/traces")).contains("frame", "cema-edge", "cam-1");
    }

    @Test
    void withoutAnEndpoint_nothingIsRecorded() {
        try (Tracing tracing = Tracing.to(Optional.empty(), "cema-edge", "cam-1", 1)) {
            assertThat(tracing.on()).isFalse();
            assertThat(tracing.tracer().spanBuilder("frame").startSpan().isRecording())
                    .isFalse();
        }
    }

    @Test
    void wrongEndpointOrRatio_isRefusedAtTheStart() {
        assertThatThrownBy(() -> Tracing.to(Optional.of(URI.create("collector:4317")), "cema-edge", "cam-1", 1))
                .hasMessageContaining("cema.tracing.endpoint");
        assertThatThrownBy(() -> Tracing.to(Optional.of(URI.create("http://127.0.0.1:4318")), "cema-edge", "cam-1", 2))
                .hasMessageContaining("cema.tracing.ratio");
    }
}
