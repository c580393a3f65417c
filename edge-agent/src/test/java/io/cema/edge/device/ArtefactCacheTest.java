package io.cema.edge.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtefactCacheTest {
    private static final int SIZE = 200_000;

    @TempDir
    Path folder;

    private final byte[] artefact = new byte[SIZE];
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger sent = new AtomicInteger();
    private volatile int breakOffAfter = Integer.MAX_VALUE;
    private volatile boolean stalling;
    private volatile byte[] served = artefact;
    private HttpServer server;
    private ArtefactCache cache;
    private String digest;

    @BeforeEach
    void serve() throws IOException {
        new Random(1).nextBytes(artefact);
        digest = ArtefactCache.digestOf(artefact);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/v1/artefacts/" + digest, exchange -> {
            requests.incrementAndGet();
            String range = exchange.getRequestHeaders().getFirst("Range");
            int from = range == null ? 0 : Integer.parseInt(range.substring(6, range.length() - 1));
            int to = (int) Math.min(SIZE, (long) from + breakOffAfter);
            exchange.sendResponseHeaders(range == null ? 200 : 206, SIZE - from);
            OutputStream body = exchange.getResponseBody();
            body.write(Arrays.copyOfRange(served, from, to));
            body.flush();
            sent.addAndGet(to - from);
            if (stalling) {
                return;
            }
            if (to < SIZE) {
                // The server closes the connection of a handler that fails.
                throw new IOException("broken off on purpose");
            }
            body.close();
        });
        server.start();
        cache = new ArtefactCache(
                folder, URI.create("http://localhost:" + server.getAddress().getPort()), Duration.ofMillis(500));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void fetch_whole_givesTheBytesAndKeepsThem() throws Exception {
        assertThat(cache.fetch(digest, SIZE)).isEqualTo(artefact);

        assertThat(cache.fetch(digest, SIZE)).isEqualTo(artefact);
        assertThat(requests).hasValue(1);
    }

    @Test
    void fetch_lineBreaks_goesOnWhereItBrokeOff() throws Exception {
        breakOffAfter = 90_000;
        assertThatThrownBy(() -> cache.fetch(digest, SIZE)).isInstanceOf(IOException.class);
        breakOffAfter = Integer.MAX_VALUE;

        assertThat(cache.fetch(digest, SIZE)).isEqualTo(artefact);

        assertThat(sent.get()).isLessThan(SIZE + 90_000);
    }

    @Test
    void fetch_lineStalls_givesUpAndGoesOnLater() throws Exception {
        breakOffAfter = 90_000;
        stalling = true;
        assertThatThrownBy(() -> cache.fetch(digest, SIZE)).isInstanceOf(IOException.class);
        breakOffAfter = Integer.MAX_VALUE;
        stalling = false;

        assertThat(cache.fetch(digest, SIZE)).isEqualTo(artefact);
    }

    @Test
    void fetch_otherBytes_isRefusedAndFetchedAnew() throws Exception {
        served = new byte[SIZE];
        assertThatThrownBy(() -> cache.fetch(digest, SIZE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("digest");
        served = artefact;

        assertThat(cache.fetch(digest, SIZE)).isEqualTo(artefact);
    }

    @Test
    void fetch_longerThanAnnounced_isRefused() {
        assertThatThrownBy(() -> cache.fetch(digest, SIZE - 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("more than");
    }

    @Test
    void cached_damagedOnDisk_isForgotten() throws Exception {
        cache.fetch(digest, SIZE);
        Files.write(folder.resolve(digest), new byte[] {1});

        assertThat(cache.cached(digest)).isEmpty();
    }

    @Test
    void cached_notADigest_isRefused() {
        assertThatThrownBy(() -> cache.cached("../../etc/passwd")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void fetch_serverGone_isAnIoException() {
        server.stop(0);

        assertThatThrownBy(() -> cache.fetch(digest, SIZE)).isInstanceOf(IOException.class);
    }
}
