package io.cema.edge.software;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.cema.edge.cloud.CloudConnection;
import io.cema.edge.cloud.PlainHttp;
import io.cema.protocol.message.AgentPackage;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.model.Digests;
import io.cema.protocol.signature.PackageSignature;
import io.cema.protocol.signature.SigningKey;
import io.cema.protocol.signature.TrustedKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent's half of an update of itself, over real HTTP and disk; the launcher's is in LauncherTest. */
class AgentUpdaterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String PLATFORM = "linux-test";

    @TempDir
    Path releases;

    private final SigningKey releaseKey = SigningKey.generate();
    private final Map<String, byte[]> served = new ConcurrentHashMap<>();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final AtomicInteger restarts = new AtomicInteger();
    private HttpServer http;
    private AgentUpdater updater;
    private volatile boolean healthy = true;
    private long free = Long.MAX_VALUE;
    private Optional<TrustedKeys> pinned = Optional.of(TrustedKeys.of(releaseKey.publicKey()));

    @BeforeEach
    void serve() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/api/v1/artefacts/", exchange -> {
            byte[] body = served.get(exchange.getRequestURI().getPath().substring("/api/v1/artefacts/".length()));
            if (body == null) {
                exchange.sendResponseHeaders(404, -1);
            } else {
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
            exchange.close();
        });
        http.start();
    }

    @AfterEach
    void stop() {
        updater.close();
        http.stop(0);
    }

    @Test
    void wishedVersion_isUnpackedBesideTheRunningOneAndTried() throws IOException {
        start("installed", "1.0").wish(wish("2.0", signed("2.0", Tar.agent("2.0", "true"))));

        await().atMost(PATIENCE).until(() -> restarts.get() == 1);
        assertThat(events).containsExactly("DOWNLOADING 2.0 ", "DOWNLOADED 2.0 ", "VERIFIED 2.0 ");
        assertThat(releases.resolve("trial")).hasContent("a\n");
        assertThat(releases.resolve("a/bin/cema-edge")).isExecutable();
        assertThat(releases.resolve("downloads")).isEmptyDirectory();
    }

    @Test
    void runningFromA_takesB() throws IOException {
        Files.writeString(releases.resolve("current"), "a\n");

        start("a", "2.0").wish(wish("3.0", signed("3.0", Tar.agent("3.0", "true"))));

        await().atMost(PATIENCE).until(() -> restarts.get() == 1);
        assertThat(releases.resolve("trial")).hasContent("b\n");
    }

    @Test
    void versionThatRuns_isNotFetched() {
        start("installed", "1.0").wish(wish("1.0", signed("1.0", Tar.agent("1.0", "true"))));
        updater.wish(wish("2.0", signed("2.0", Tar.agent("2.0", "true"))));

        await().atMost(PATIENCE).until(() -> restarts.get() == 1);
        assertThat(events).noneMatch(e -> e.contains("1.0"));
    }

    @Test
    void packageSignedByTheCloudsKeyRatherThanTheReleaseKey_isRefused() {
        byte[] archive = Tar.agent("2.0", "true");
        AgentPackage foreign = PackageSignature.sign(
                unsigned("2.0", archive), SigningKey.generate().privateKey());

        start("installed", "1.0").wish(wish("2.0", foreign));

        awaitFailure("not signed by the pinned release key");
    }

    @Test
    void packageOfAnotherVersionUnderTheWishedOnesName_isRefused() {
        AgentPackage old = signed("1.5", Tar.agent("1.5", "true"));

        start("installed", "1.0")
                .wish(wish("2.0", old.toBuilder().setVersion("2.0").build()));

        awaitFailure("not signed by the pinned release key");
    }

    @Test
    void deviceWithoutAReleaseKey_takesNoPackage() {
        pinned = Optional.empty();

        start("installed", "1.0").wish(wish("2.0", signed("2.0", Tar.agent("2.0", "true"))));

        awaitFailure("cema.release.key-file");
    }

    @Test
    void archiveThatIsNotTheSignedOne_isRefused() {
        AgentPackage wanted = signed("2.0", Tar.agent("2.0", "true"));
        byte[] other = served.get(wanted.getSha256()).clone();
        other[other.length / 2] ^= 1;
        served.put(wanted.getSha256(), other);

        start("installed", "1.0").wish(wish("2.0", wanted));

        awaitFailure("has digest");
    }

    @Test
    void archiveThatClimbsOut_isRefusedThoughSigned() {
        AgentPackage wanted =
                signed("2.0", new Tar().file("top/../../evil", "evil", 0755).gzip());

        start("installed", "1.0").wish(wish("2.0", wanted));

        awaitFailure("not below its own folder");
    }

    @Test
    void packageThatSaysItIsAnother_isRefused() {
        start("installed", "1.0").wish(wish("2.0", signed("2.0", Tar.agent("1.9", "true"))));

        awaitFailure("says in its file `version`");
    }

    @Test
    void diskWithoutRoom_isReported() {
        free = PackageArchive.RESERVE;

        start("installed", "1.0").wish(wish("2.0", signed("2.0", Tar.agent("2.0", "true"))));

        awaitFailure("free space there");
    }

    @Test
    void platformWithoutAPackage_isReported() {
        AgentPackage other = signed("2.0", Tar.agent("2.0", "true")).toBuilder()
                .setPlatform("linux-other")
                .build();

        start("installed", "1.0").wish(wish("2.0", other));

        awaitFailure("no package of 2.0 for linux-test");
    }

    @Test
    void healthyTrial_isConfirmed() throws IOException {
        Files.writeString(releases.resolve("trial"), "a\n");

        start("a", "2.0");

        await().atMost(PATIENCE).until(() -> events.equals(List.of("APPLIED 2.0 ")));
        assertThat(releases.resolve("current")).hasContent("a\n");
        assertThat(releases.resolve("trial")).doesNotExist();
    }

    @Test
    void trialThatIsNotHealthy_isNotConfirmedAndTakesNoOther() {
        healthy = false;
        write("trial", "a\n");
        start("a", "2.0").wish(wish("3.0", signed("3.0", Tar.agent("3.0", "true"))));

        healthy = true; // from here on it may go on, which shows that it looked before

        await().atMost(PATIENCE).until(() -> restarts.get() == 1);
        assertThat(events.get(0)).isEqualTo("APPLIED 2.0 ");
        assertThat(releases.resolve("trial")).hasContent("b\n");
    }

    @Test
    void versionThatFailed_isReportedOnceAndNotTriedAgainUntilAnotherIsWished() {
        write("failed", "2.0\nit ended 3 times before it was healthy\n");
        AgentPackage bad = signed("2.0", Tar.agent("2.0", "true"));
        start("installed", "1.0").wish(wish("2.0", bad));
        updater.wish(wish("2.1", signed("2.1", Tar.agent("2.1", "true"))));

        await().atMost(PATIENCE).until(() -> restarts.get() == 1);
        assertThat(events)
                .startsWith("ROLLED_BACK 2.0 it ended 3 times before it was healthy", "DOWNLOADING 2.1 ")
                .doesNotContain("DOWNLOADING 2.0 ");
        assertThat(releases.resolve("failed")).doesNotExist();
    }

    private void write(String name, String text) {
        try {
            Files.writeString(releases.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private AgentUpdater start(String running, String version) {
        updater = new AgentUpdater(
                new SoftwareSettings(releases, running, version, PLATFORM, pinned, () -> free),
                new CloudConnection(
                        URI.create("http://127.0.0.1:" + http.getAddress().getPort()),
                        PlainHttp.LOOPBACK,
                        Optional::empty,
                        List::of),
                (type, of, reason) -> events.add(type + " " + of + " " + reason),
                () -> healthy,
                restarts::incrementAndGet);
        updater.start();
        return updater;
    }

    private void awaitFailure(String reason) {
        await().atMost(PATIENCE)
                .until(() -> events.stream().anyMatch(e -> e.startsWith("FAILED 2.0 ") && e.contains(reason)));
        assertThat(restarts).hasValue(0);
        assertThat(releases.resolve("trial")).doesNotExist();
    }

    private static DesiredState wish(String version, AgentPackage wanted) {
        return DesiredState.newBuilder()
                .setAgentVersion(version)
                .addAgentPackages(wanted)
                .build();
    }

    private AgentPackage signed(String version, byte[] archive) {
        return PackageSignature.sign(unsigned(version, archive), releaseKey.privateKey());
    }

    private AgentPackage unsigned(String version, byte[] archive) {
        String digest = Digests.hex(archive);
        served.put(digest, archive);
        return AgentPackage.newBuilder()
                .setVersion(version)
                .setPlatform(PLATFORM)
                .setSha256(digest)
                .setSize(archive.length)
                .build();
    }
}
