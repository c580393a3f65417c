package io.cema.edge.serving.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cema.edge.TestModels;
import io.cema.edge.inference.InferenceException;
import io.cema.edge.update.ActiveModel;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.edge.update.ModelOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MicroBatcherTest {
    private static final Duration LONG = Duration.ofSeconds(9);
    private static final Duration AT_ONCE = Duration.ofSeconds(1);

    private final ActiveModelHolder holder = new ActiveModelHolder();
    private final GatedEngine engine = use(new GatedEngine());
    private MicroBatcher batcher;

    @AfterEach
    void close() {
        engine.open();
        if (batcher != null) {
            batcher.close();
        }
    }

    @Test
    void submit_noDelay_aLoneRequestRunsAtOnce() throws Exception {
        batcher = new MicroBatcher(new BatchSettings(1, 8, Duration.ZERO, 8, Duration.ZERO));
        engine.open();

        assertThat(answer(submit(3f, 1))).containsExactly(GatedEngine.logits(3f));
    }

    @Test
    void submit_whileTheEngineIsBusy_areJoinedUpToTheBatchSize() throws Exception {
        batcher = new MicroBatcher(new BatchSettings(1, 4, Duration.ZERO, 8, Duration.ZERO));
        List<CompletableFuture<float[]>> answers = new ArrayList<>(List.of(block(0f)));
        for (int i = 1; i <= 6; i++) {
            answers.add(submit(i, 1));
        }

        engine.open();

        for (int i = 0; i <= 6; i++) {
            assertThat(answer(answers.get(i))).containsExactly(GatedEngine.logits(i));
        }
        assertThat(engine.runs()).containsExactly(1, 4, 2);
    }

    @Test
    void submit_withDelay_waitsForCompanyUntilTheBatchIsFull() throws Exception {
        batcher = new MicroBatcher(new BatchSettings(2, 2, LONG, 8, Duration.ZERO));
        engine.open();

        CompletableFuture<float[]> first = submit(1f, 1);
        CompletableFuture<float[]> second = submit(2f, 1);

        assertThat(answer(first)).containsExactly(GatedEngine.logits(1f));
        assertThat(answer(second)).containsExactly(GatedEngine.logits(2f));
        assertThat(engine.runs()).containsExactly(2);
    }

    @Test
    void submit_withDelayAndNoCompany_runsAloneWhenTheDelayIsOver() throws Exception {
        batcher = new MicroBatcher(new BatchSettings(1, 8, Duration.ofMillis(5), 8, Duration.ZERO));
        engine.open();

        assertThat(answer(submit(1f, 1))).containsExactly(GatedEngine.logits(1f));
    }

    /** The core that ran the last one still holds the model, and no second thread is woken for nothing. */
    @Test
    void submit_oneAfterTheOther_runOnTheSameThread() throws Exception {
        batcher = new MicroBatcher(new BatchSettings(3, 8, Duration.ZERO, 8, Duration.ZERO));
        engine.open();

        for (int i = 0; i < 20; i++) {
            await().until(() -> batcher.idle() == 3);
            assertThat(answer(submit(i, 1))).containsExactly(GatedEngine.logits(i));
        }

        assertThat(engine.threads()).hasSize(1);
    }

    @Test
    void submit_modelKnownToBeQuick_runsOnTheThreadThatBringsIt() throws Exception {
        batcher = new MicroBatcher(new BatchSettings(2, 8, Duration.ZERO, 8, AT_ONCE));
        engine.open();
        answer(submit(1f, 1));
        assertThat(engine.threads()).doesNotContain(Thread.currentThread());
        await().until(() -> batcher.idle() == 2);

        CompletableFuture<float[]> second = submit(2f, 1);

        assertThat(second.getNow(null)).containsExactly(GatedEngine.logits(2f));
        assertThat(engine.threads()).contains(Thread.currentThread());
    }

    @Test
    void submit_runsThatTakeTooLong_keepNobodysThread() throws Exception {
        batcher = new MicroBatcher(new BatchSettings(2, 8, Duration.ZERO, 8, Duration.ofNanos(1)));
        engine.open();

        for (int i = 0; i < 3; i++) {
            answer(submit(i, 1));
            await().until(() -> batcher.idle() == 2);
        }

        assertThat(engine.threads()).doesNotContain(Thread.currentThread());
    }

    @Test
    void submit_moreImagesThanABatch_runByThemselves() throws Exception {
        batcher = new MicroBatcher(new BatchSettings(1, 4, LONG, 8, Duration.ZERO));
        engine.open();

        assertThat(answer(submit(5f, 6))).hasSize(6 * TestModels.CLASSES);
        assertThat(engine.runs()).containsExactly(6);
    }

    @Test
    void submit_queueFull_isRefusedAndLetsGoOfTheModel() {
        batcher = new MicroBatcher(new BatchSettings(1, 1, Duration.ZERO, 2, Duration.ZERO));
        block(0f);
        submit(1f, 1);
        submit(2f, 1);

        assertThatThrownBy(() -> submit(3f, 1))
                .isInstanceOfSatisfying(BatchRefusedException.class, e -> assertThat(e.reason())
                        .isEqualTo(BatchRefusedException.Cause.QUEUE_FULL));

        engine.open();
        holder.clear();
        await().until(engine::closed);
    }

    @Test
    void swap_whileRequestsWait_theyRunOnTheModelTheyCameFor() throws Exception {
        batcher = new MicroBatcher(new BatchSettings(1, 8, Duration.ZERO, 8, Duration.ZERO));
        CompletableFuture<float[]> running = block(0f);
        CompletableFuture<float[]> before = submit(1f, 1);
        GatedEngine next = use(new GatedEngine());
        next.open();
        CompletableFuture<float[]> after = submit(2f, 1);

        engine.open();

        answer(running);
        assertThat(answer(before)).containsExactly(GatedEngine.logits(1f));
        assertThat(answer(after)).containsExactly(GatedEngine.logits(2f));
        assertThat(engine.runs()).containsExactly(1, 1);
        assertThat(next.runs()).containsExactly(1);
        await().until(engine::closed);
    }

    @Test
    void run_failsForOneRequest_theOthersOfItsBatchAreAnswered() throws Exception {
        batcher = new MicroBatcher(new BatchSettings(1, 8, Duration.ZERO, 8, Duration.ZERO));
        CompletableFuture<float[]> running = block(0f);
        CompletableFuture<float[]> good = submit(1f, 1);
        CompletableFuture<float[]> bad = submit(GatedEngine.POISON, 1);
        CompletableFuture<float[]> alsoGood = submit(2f, 1);

        engine.open();

        answer(running);
        assertThat(answer(good)).containsExactly(GatedEngine.logits(1f));
        assertThat(answer(alsoGood)).containsExactly(GatedEngine.logits(2f));
        assertThatThrownBy(() -> answer(bad)).hasCauseInstanceOf(InferenceException.class);
    }

    @Test
    void close_whileRequestsWait_everyOneIsAnsweredAndTheModelLetGo() throws Exception {
        batcher = new MicroBatcher(new BatchSettings(1, 1, Duration.ZERO, 8, Duration.ZERO));
        CompletableFuture<float[]> running = block(0f);
        CompletableFuture<float[]> waiting = submit(1f, 1);
        Thread closer = new Thread(batcher::close);
        closer.start();

        assertThatThrownBy(() -> answer(waiting))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(BatchRefusedException.class);
        engine.open();

        assertThat(answer(running)).containsExactly(GatedEngine.logits(0f));
        closer.join();
        assertThatThrownBy(() -> submit(2f, 1)).isInstanceOf(BatchRefusedException.class);
        holder.clear();
        assertThat(engine.closed()).isTrue();
    }

    /** Many clients at once, each with its own numbers; a lost wake-up shows as a request that is never answered. */
    @Property(tries = 25)
    void submit_fromManyThreads_everyRequestGetsItsOwnAnswer(
            @ForAll @IntRange(min = 1, max = 3) int concurrency,
            @ForAll @IntRange(min = 1, max = 6) int maxImages,
            @ForAll @IntRange(max = 2) int delayMillis,
            @ForAll @IntRange(min = 1, max = 6) int clients,
            @ForAll boolean inPlace)
            throws Exception {
        ActiveModelHolder models = new ActiveModelHolder();
        GatedEngine open = new GatedEngine();
        open.open();
        models.swap(model(open));
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try (MicroBatcher own = new MicroBatcher(new BatchSettings(
                concurrency, maxImages, Duration.ofMillis(delayMillis), clients, inPlace ? AT_ONCE : Duration.ZERO))) {
            List<Future<?>> all = new ArrayList<>();
            for (int client = 0; client < clients; client++) {
                int first = 1000 * client;
                all.add(threads.submit(() -> {
                    for (int i = first; i < first + 30; i++) {
                        int images = 1 + i % 3;
                        float[] logits =
                                answer(own.submit(models.lease().orElseThrow(), GatedEngine.input(i, images), images)
                                        .toCompletableFuture());
                        assertThat(logits).hasSize(images * TestModels.CLASSES).startsWith(GatedEngine.logits(i));
                    }
                    return null;
                }));
            }
            for (Future<?> client : all) {
                client.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(open.overlapping()).isLessThanOrEqualTo(concurrency);
        models.clear();
        assertThat(open.closed()).isTrue();
    }

    /** A request that is in the engine, which stays shut until it is opened. */
    private CompletableFuture<float[]> block(float value) {
        CompletableFuture<float[]> request = submit(value, 1);
        await().until(() -> engine.runs().size() == 1);
        return request;
    }

    private CompletableFuture<float[]> submit(float value, int images) {
        return batcher.submit(holder.lease().orElseThrow(), GatedEngine.input(value, images), images)
                .toCompletableFuture();
    }

    private static float[] answer(CompletableFuture<float[]> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    private GatedEngine use(GatedEngine next) {
        holder.swap(model(next));
        return next;
    }

    private static ActiveModel model(GatedEngine engine) {
        return new ActiveModel(
                engine, TestModels.manifest("gated", TestModels.residual()), ModelOrigin.base("fog-east", "stable"));
    }
}
