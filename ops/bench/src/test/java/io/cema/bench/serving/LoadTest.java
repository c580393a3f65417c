package io.cema.bench.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.cema.bench.serving.ClosedLoop.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The clients of the load against a server that keeps what it was asked. */
class LoadTest {
    private static final List<float[]> IMAGES = List.of(image(1), image(2), image(3));

    private final Set<Float> asked = ConcurrentHashMap.newKeySet();
    private final AtomicInteger requests = new AtomicInteger();
    private volatile int failEvery;
    private volatile long stallMillis;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/v2/models/bench/infer", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void a_closed_loop_counts_every_answer_of_every_caller() throws Exception {
        Outcome outcome = new ClosedLoop(IMAGES).run(this::caller, 3, .3);

        assertThat(outcome.requests()).isEqualTo(requests.get()).isPositive();
        assertThat(outcome.micros().getTotalCount()).isEqualTo(outcome.requests());
        assertThat(asked).containsExactlyInAnyOrder(1f, 2f, 3f);
    }

    @Test
    void a_closed_loop_ends_with_the_first_failure() {
        failEvery = 5;

        assertThatThrownBy(() -> new ClosedLoop(IMAGES).run(this::caller, 1, 60))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("status 503: worn out");
    }

    @Test
    void a_paced_load_goes_on_after_failures_and_counts_them() throws Exception {
        failEvery = 4;
        try (PacedLoad load = new PacedLoad(this::caller, IMAGES, 2, 400)) {
            load.start();
            await().until(() -> load.requests() >= 40);
            load.close();

            assertThat(load.failures()).isEqualTo(requests.get() / 4);
            assertThat(load.messages()).contains("status 503: worn out");
            assertThat(load.latencies().getTotalCount()).isEqualTo(load.requests() - load.failures());
        }
    }

    @Test
    void a_stall_is_seen_by_every_request_that_was_due_meanwhile() throws Exception {
        stallMillis = 300;
        try (PacedLoad load = new PacedLoad(this::caller, IMAGES, 1, 100)) {
            load.start();
            await().until(() -> load.requests() >= 2);
            stallMillis = 0;
            await().until(() -> load.requests() >= 30);
            load.close();

            // Ten and more were due while the first was answered; only the first was slow itself.
            assertThat(load.latencies().getCountBetweenValues(100_000, 10_000_000))
                    .isGreaterThan(5);
        }
    }

    private Caller caller() throws IOException {
        return new TensorCaller(server.getAddress().getPort(), "bench", "input", 1, 1);
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        int header = Integer.parseInt(exchange.getRequestHeaders().getFirst("Inference-Header-Content-Length"));
        asked.add(ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).getFloat(header));
        int number = requests.incrementAndGet();
        boolean fails = failEvery > 0 && number % failEvery == 0;
        pause(stallMillis);
        byte[] answer = (fails ? "worn out" : "{}1234").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Inference-Header-Content-Length", "2");
        exchange.sendResponseHeaders(fails ? 503 : 200, answer.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(answer);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static float[] image(float first) {
        return new float[] {first, 0, 0};
    }
}
