package io.cema.edge.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.cema.edge.cloud.CloudConnection;
import io.cema.edge.cloud.PlainHttp;
import io.cema.edge.storage.Damages;
import io.cema.protocol.model.Digests;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ArtefactCacheTest {
    private static final int SIZE = 200_000;

    @TempDir
    Path folder;

    private final byte[] artefact = new byte[SIZE];
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger sent = new AtomicInteger();
    private final List<String> conditions = new CopyOnWriteArrayList<>();
    private volatile int breakOffAfter = Integer.MAX_VALUE;
    private volatile boolean stalling;
    private volatile boolean knowingRanges = true;
    private volatile boolean refusingRanges;
    private volatile boolean knowingLength = true;
    private volatile int misplacedBy;
    private volatile byte[] served = artefact;
    private HttpServer server;
    private ArtefactCache cache;
    private String digest;

    @BeforeEach
    void serve() throws IOException {
        new Random(1).nextBytes(artefact);
        digest = Digests.hex(artefact);
        server = server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        server.createContext("/api/v1/artefacts/" + digest, this::answer);
        server.start();
        cache = newCache();
    }

    /** As a restarted agent has it. */
    private ArtefactCache newCache() {
        return newCache(Duration.ofSeconds(30));
    }

    private ArtefactCache newCache(Duration stallTimeout) {
        return new ArtefactCache(folder, cloud(server.getAddress().getPort()), stallTimeout, new Damages());
    }

    HttpServer server(InetSocketAddress address) throws IOException {
        return HttpServer.create(address, 0);
    }

    int port() {
        return server.getAddress().getPort();
    }

    CloudConnection cloud(int port) {
        return new CloudConnection(
                URI.create("http://localhost:" + port), PlainHttp.LOOPBACK, Optional::empty, List::of);
    }

    private void answer(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        String asked = exchange.getRequestHeaders().getFirst("Range");
        if (asked != null) {
            conditions.add(exchange.getRequestHeaders().getFirst("If-Range"));
        }
        if (asked != null && refusingRanges) {
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        boolean partly = asked != null && knowingRanges;
        int from = partly ? Integer.parseInt(asked.substring(6, asked.length() - 1)) : 0;
        int to = (int) Math.min(SIZE, (long) from + breakOffAfter);
        if (partly) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + (from + misplacedBy) + "-" + (SIZE - 1) + "/" + SIZE);
        }
        exchange.sendResponseHeaders(partly ? 206 : 200, knowingLength ? SIZE - from : 0);
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
    void fetch_lineCutAtTwentyRandomPointsAndAgentRestarted_endsWithTheDigestAndNothingTwice() throws Exception {
        Random random = new Random(20);
        for (int cut = 0; cut < 20; cut++) {
            breakOffAfter = 1 + random.nextInt(SIZE / 21);
            assertThatThrownBy(() -> newCache().fetch(digest, SIZE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("broke off");
        }
        breakOffAfter = Integer.MAX_VALUE;

        assertThat(newCache().fetch(digest, SIZE)).isEqualTo(artefact);

        assertThat(requests).hasValue(21);
        // What was on the line when it was cut may be lost with it; here nothing was.
        assertThat(sent.get()).isBetween(SIZE, SIZE + SIZE / 100);
        assertThat(conditions).containsOnly('"' + digest + '"');
    }

    @Test
    void fetch_serverIgnoresRanges_beginsAnew() throws Exception {
        breakOffAfter = 90_000;
        assertThatThrownBy(() -> cache.fetch(digest, SIZE)).isInstanceOf(IOException.class);
        breakOffAfter = Integer.MAX_VALUE;
        knowingRanges = false;

        assertThat(cache.fetch(digest, SIZE)).isEqualTo(artefact);
    }

    @Test
    void fetch_serverRefusesTheRange_beginsAnewWithTheNextAttempt() throws Exception {
        Files.write(folder.resolve(digest + ".part"), new byte[90_000]);
        refusingRanges = true;
        assertThatThrownBy(() -> cache.fetch(digest, SIZE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("416");

        assertThat(cache.fetch(digest, SIZE)).isEqualTo(artefact);
    }

    @Test
    void fetch_serverSendsAnotherRange_beginsAnewWithTheNextAttempt() throws Exception {
        Files.write(folder.resolve(digest + ".part"), Arrays.copyOf(artefact, 90_000));
        misplacedBy = 7;
        assertThatThrownBy(() -> cache.fetch(digest, SIZE)).isInstanceOf(IOException.class);

        assertThat(cache.fetch(digest, SIZE)).isEqualTo(artefact);
    }

    @Test
    void fetch_whatWasLeftIsDamaged_isFetchedAnewAtOnce() throws Exception {
        Files.write(folder.resolve(digest + ".part"), new byte[90_000]);

        assertThat(cache.fetch(digest, SIZE)).isEqualTo(artefact);

        assertThat(requests).hasValue(2);
        assertThat(sent).hasValue(SIZE - 90_000 + SIZE);
    }

    @Test
    void fetch_wholeLeftByARestartButDamaged_isFetchedAnewAtOnce() throws Exception {
        Files.write(folder.resolve(digest + ".part"), new byte[SIZE]);

        assertThat(cache.fetch(digest, SIZE)).isEqualTo(artefact);

        assertThat(requests).hasValue(1);
    }

    @Test
    void fetch_damagedOnceMore_failsWithoutFetchingOnAndOn() throws Exception {
        served = new byte[SIZE];
        Files.write(folder.resolve(digest + ".part"), new byte[90_000]);

        assertThatThrownBy(() -> cache.fetch(digest, SIZE)).isInstanceOf(ArtefactException.class);

        assertThat(requests).hasValue(2);
        assertThat(folder.resolve(digest + ".part")).doesNotExist();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void fetch_diskFull_failsClearlyAndWorksOnceThereIsSpace() throws Exception {
        Path partial = folder.resolve(digest + ".part");
        Files.createSymbolicLink(partial, Path.of("/dev/full"));
        assertThatThrownBy(() -> cache.fetch(digest, SIZE))
                .isInstanceOf(ArtefactException.class)
                .hasMessageContaining(partial.toString())
                .hasMessageContaining("free space");
        Files.delete(partial);

        assertThat(cache.fetch(digest, SIZE)).isEqualTo(artefact);
    }

    @Test
    void fetch_lineStalls_givesUpAndGoesOnLater() throws Exception {
        breakOffAfter = 90_000;
        stalling = true;
        assertThatThrownBy(() -> newCache(Duration.ofMillis(500)).fetch(digest, SIZE))
                .isInstanceOf(IOException.class);
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
    void fetch_longerThanAnnounced_isNotTaken() {
        assertThatThrownBy(() -> cache.fetch(digest, SIZE - 1))
                .isInstanceOf(ArtefactException.class)
                .hasMessageContaining("offers " + SIZE);
        assertThat(cache.received(digest)).isZero();
    }

    @Test
    void fetch_moreComesThanAnnounced_stops() {
        knowingLength = false;

        assertThatThrownBy(() -> cache.fetch(digest, SIZE / 2))
                .isInstanceOf(ArtefactException.class)
                .hasMessageContaining("more than");
        assertThat(cache.received(digest)).isLessThanOrEqualTo(SIZE / 2);
    }

    @Test
    void cached_damagedOnDisk_isForgotten() throws Exception {
        cache.fetch(digest, SIZE);
        Files.write(folder.resolve(digest), new byte[] {1});

        assertThat(cache.cached(digest)).isEmpty();
    }

    @Test
    void cached_damagedOnDisk_copyTakesItsPlace() throws Exception {
        byte[] whole = cache.fetch(digest, SIZE);
        cache.secure(digest);
        Files.write(folder.resolve(digest), new byte[] {1});

        assertThat(newCache().cached(digest)).contains(whole);
        assertThat(folder.resolve(digest)).hasBinaryContent(whole);
    }

    @Test
    void secure_copyDamaged_isMadeAnew() throws Exception {
        byte[] whole = cache.fetch(digest, SIZE);
        Files.write(folder.resolve(digest + ".copy"), new byte[] {1});

        cache.secure(digest);

        assertThat(folder.resolve(digest + ".copy")).hasBinaryContent(whole);
    }

    @Test
    void keepOnly_forgetsCopiesToo() throws Exception {
        cache.fetch(digest, SIZE);
        cache.secure(digest);

        cache.keepOnly(Set.of());

        assertThat(folder.toFile().list()).isEmpty();
    }

    @Test
    void keepOnly_leavesWhatIsNeededAndWhatIsNoArtefact() throws Exception {
        cache.fetch(digest, SIZE);
        Files.write(folder.resolve("1".repeat(64)), new byte[10]);
        Files.write(folder.resolve("2".repeat(64) + ".part"), new byte[10]);
        Files.write(folder.resolve("readme"), new byte[10]);

        cache.keepOnly(Set.of(digest));

        assertThat(folder.toFile().list()).containsExactlyInAnyOrder(digest, "readme");
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
