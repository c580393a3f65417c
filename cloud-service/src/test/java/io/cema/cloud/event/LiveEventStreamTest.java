package io.cema.cloud.event;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;

import io.cema.cloud.StackResource;
import io.cema.cloud.persistence.DatabaseNotifications;
import io.cema.cloud.persistence.SchemaMigration;
import io.cema.cloud.persistence.TenantDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Live events on the real database, read by a real HTTP client. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class LiveEventStreamTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Inject
    TenantDatabase database;

    @Inject
    SchemaMigration migration;

    @Inject
    DatabaseNotifications notifications;

    @Inject
    LiveEvents events;

    @Inject
    LiveEventLog log;

    @Inject
    LiveEventWatchers watchers;

    private final String subject = "t" + UUID.randomUUID().toString().substring(0, 8) + "/";
    private final List<EventWatcher> open = new ArrayList<>();

    @BeforeEach
    void schemaStands() {
        await().atMost(PATIENCE).until(migration::done);
    }

    @AfterEach
    void cutAll() throws Exception {
        for (EventWatcher watcher : open) {
            watcher.close();
        }
    }

    @Test
    void event_arrivesWithTypeSubjectAndData() throws Exception {
        EventWatcher watcher = watch("");

        append("default", "device.online", "cam-1");

        awaitSubjects(watcher, "cam-1");
        EventWatcher.Seen seen = watcher.seen().get(0);
        assertThat(seen.type()).isEqualTo("device.online");
        JsonObject data = new JsonObject(seen.data());
        assertThat(data.getString("id")).isEqualTo(seen.id());
        assertThat(data.getString("subject")).isEqualTo(subject + "cam-1");
        assertThat(data.getJsonObject("data").getString("name")).isEqualTo("cam-1");
    }

    @Test
    void watcherThatComesBack_missesAndRepeatsNothing() throws Exception {
        EventWatcher first = watch("");
        append("default", "x.y", "1");
        awaitSubjects(first, "1");
        first.close();
        append("default", "x.y", "2");
        append("default", "x.y", "3");

        EventWatcher second = watch(first.lastId());

        append("default", "x.y", "4");
        awaitSubjects(second, "2", "3", "4");
    }

    @Test
    void watcherThatWasCutBeforeTheFirstEvent_missesNothing() throws Exception {
        EventWatcher first = watch("");
        await().atMost(PATIENCE).until(() -> !first.lastId().isEmpty());
        first.close();
        append("default", "x.y", "1");

        awaitSubjects(watch(first.lastId()), "1");
    }

    @Test
    void eventOfAnOlderTransaction_comesBeforeThoseOfYoungerOnes() throws Exception {
        EventWatcher watcher = watch("");
        CompletableFuture<Void> written = new CompletableFuture<>();
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        CompletableFuture<Void> older = database.inTransaction(
                        "default", connection -> events.append(connection, "x.y", subject + "older", new JsonObject())
                                .invoke(() -> written.complete(null))
                                .chain(() -> Uni.createFrom().completionStage(goOn)))
                .subscribeAsCompletionStage();
        written.get();
        append("default", "x.y", "younger");
        int signs = watcher.comments();
        await().atMost(PATIENCE).until(() -> watcher.comments() > signs + 1);
        assertThat(watcher.seen()).as("the older one may still commit").isEmpty();

        goOn.complete(null);
        older.get();

        awaitSubjects(watcher, "older", "younger");
    }

    @Test
    void manyWritersAndCuts_everyCommittedEventOnceAndInItsWritersOrder() throws Exception {
        int writers = 4;
        int each = 60;
        AtomicInteger running = new AtomicInteger(writers);
        List<CompletableFuture<Void>> writing = IntStream.range(0, writers)
                .mapToObj(w -> CompletableFuture.runAsync(() -> {
                    Random random = new Random(w);
                    for (int i = 0; i < each; i++) {
                        if (random.nextInt(4) == 0) {
                            rolledBack("w" + w + "/lost");
                        }
                        append("default", "x.y", "w" + w + "/" + i);
                    }
                    running.decrementAndGet();
                }))
                .toList();

        List<String> seen = new ArrayList<>();
        String last = "";
        EventWatcher watcher = watch("0.0");
        while (running.get() > 0) {
            int before = watcher.seen().size();
            EventWatcher reading = watcher;
            await().atMost(PATIENCE).until(() -> reading.seen().size() >= before + 7 || running.get() == 0);
            watcher.close();
            seen.addAll(subjects(watcher));
            last = watcher.lastId();
            watcher = watch(last);
        }
        writing.forEach(CompletableFuture::join);
        EventWatcher rest = watcher;
        await().atMost(PATIENCE).until(() -> seen.size() + rest.seen().size() >= writers * each);
        seen.addAll(subjects(rest));

        assertThat(seen).doesNotHaveDuplicates().hasSize(writers * each);
        for (int w = 0; w < writers; w++) {
            String prefix = "w" + w + "/";
            assertThat(seen.stream().filter(s -> s.startsWith(prefix)).toList())
                    .containsExactlyElementsOf(
                            IntStream.range(0, each).mapToObj(i -> prefix + i).toList());
        }
    }

    @Test
    void eventsOfAnotherTenant_areNotSeen() throws Exception {
        EventWatcher watcher = watch("0.0");

        append("other", "x.y", "theirs");
        append("default", "x.y", "ours");

        awaitSubjects(watcher, "ours");
    }

    @Test
    void positionOfAnotherTenantsEvent_opensNothing() throws Exception {
        EventWatcher first = watch("");
        append("other", "x.y", "theirs");
        append("default", "x.y", "ours");
        awaitSubjects(first, "ours");

        EventWatcher second = watch("1.1");

        awaitSubjects(second, "ours");
    }

    @Test
    void typeThatIsNotAskedFor_isLeftOut() throws Exception {
        EventWatcher watcher = open("?type=rollout.&subject=" + subject, "");

        append("default", "device.online", "no");
        append("default", "rollout.promoted", "yes");

        awaitSubjects(watcher, "yes");
    }

    @Test
    void silentStream_showsThatItLives() throws Exception {
        EventWatcher watcher = watch("");

        await().atMost(PATIENCE).until(() -> watcher.comments() >= 3);
    }

    @Test
    void whatIsPruned_isToldAsAGap() throws Exception {
        EventWatcher first = watch("");
        append("default", "x.y", "1");
        awaitSubjects(first, "1");
        first.close();
        append("default", "x.y", "2");
        await().atMost(PATIENCE)
                .until(() ->
                        log.prune("default", Duration.ofSeconds(-5)).await().atMost(PATIENCE) > 0);

        EventWatcher second = watch(first.lastId());

        append("default", "x.y", "3");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(second.seen())
                .extracting(EventWatcher.Seen::type)
                .containsExactly("stream.gap", "x.y"));
    }

    @Test
    void positionOfADatabaseThatWasRestored_isToldAsAGap() throws Exception {
        EventWatcher watcher = watch("999999999999.1");
        awaitTypes(watcher, "stream.gap");

        // What came before the gap was told is behind it; what comes now must not be missing.
        append("default", "x.y", "1");

        awaitTypes(watcher, "stream.gap", "x.y");
    }

    @Test
    void listeningConnectionThatIsLost_losesNoEvent() throws Exception {
        EventWatcher watcher = watch("");
        await().atMost(PATIENCE).until(notifications::connected);
        database.inTransaction("default", connection -> connection
                        .query("select pg_terminate_backend(pid) from pg_stat_activity where query like 'LISTEN%'")
                        .execute())
                .await()
                .atMost(PATIENCE);

        append("default", "x.y", "1");

        awaitSubjects(watcher, "1");
        await().atMost(PATIENCE).until(notifications::connected);
    }

    @Test
    void watcherThatTakesNothing_isCutOff() throws IOException {
        await().atMost(PATIENCE).until(() -> watchers.count() == 0);
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress("127.0.0.1", RestAssured.port));
            socket.getOutputStream()
                    .write(("GET /api/v1/events/stream?subject=" + subject + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            await().atMost(PATIENCE).until(() -> watchers.count() == 1);
            JsonObject large = new JsonObject().put("text", "x".repeat(500_000));

            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
                if (watchers.count() > 0) {
                    database.inTransaction("default", c -> events.append(c, "x.y", subject + "large", large))
                            .await()
                            .atMost(PATIENCE);
                }
                return watchers.count() == 0;
            });

            await("the connection has ended").atMost(PATIENCE).until(() -> ended(socket));
        }
        log.prune("default", Duration.ofSeconds(-5)).await().atMost(PATIENCE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "x", "1.", "-1.5", "1.1.1"})
    void idThatIsNone_isRefused(String id) {
        given().header("Last-Event-ID", id)
                .get("/api/v1/events/stream")
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("detail", containsString(id));
    }

    /** Whether nothing comes any more, and nothing ever will. */
    private static boolean ended(Socket socket) {
        try {
            byte[] buffer = new byte[1 << 16];
            int read = 0;
            while (read >= 0 && socket.getInputStream().available() > 0) { // what was sent before it was cut
                read = socket.getInputStream().read(buffer);
            }
            return read < 0 || socket.getInputStream().read(buffer) < 0;
        } catch (IOException e) {
            return true; // reset
        }
    }

    private EventWatcher watch(String lastId) throws IOException, InterruptedException {
        return open("?subject=" + subject, lastId);
    }

    private EventWatcher open(String query, String lastId) throws IOException, InterruptedException {
        EventWatcher watcher = EventWatcher.open(RestAssured.port, query, lastId);
        open.add(watcher);
        return watcher;
    }

    private static void awaitTypes(EventWatcher watcher, String... types) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(watcher.seen())
                .extracting(EventWatcher.Seen::type)
                .containsExactly(types));
    }

    private void append(String tenant, String type, String name) {
        database.inTransaction(
                        tenant,
                        connection ->
                                events.append(connection, type, subject + name, new JsonObject().put("name", name)))
                .await()
                .atMost(PATIENCE);
    }

    private void rolledBack(String name) {
        database.inTransaction(
                        "default", connection -> events.append(connection, "x.y", subject + name, new JsonObject())
                                .chain(() -> Uni.createFrom().failure(new IllegalStateException("rolled back"))))
                .onFailure(IllegalStateException.class)
                .recoverWithNull()
                .await()
                .atMost(PATIENCE);
    }

    private void awaitSubjects(EventWatcher watcher, String... names) {
        await().atMost(PATIENCE).until(() -> watcher.seen().size() >= names.length);
        assertThat(subjects(watcher)).containsExactly(names);
    }

    private List<String> subjects(EventWatcher watcher) {
        return watcher.seen().stream()
                .filter(seen -> !seen.type().equals("stream.gap"))
                .map(seen -> new JsonObject(seen.data()).getString("subject").substring(subject.length()))
                .toList();
    }
}
