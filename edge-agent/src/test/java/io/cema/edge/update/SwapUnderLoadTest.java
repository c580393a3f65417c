package io.cema.edge.update;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.edge.TestModels;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.update.UpdateResult.Applied;
import io.cema.protocol.message.AffineUpdate;
import io.cema.protocol.model.AffineCodec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SwapUnderLoadTest {
    private static final Logger LOG = Logger.getLogger(SwapUnderLoadTest.class);
    private static final int UPDATES = 40;
    private static final int CLIENTS = 4;

    @TempDir
    Path data;

    private record Answer(String version, float[] logits, long nanos, boolean duringSwap) {}

    @Test
    void process_requestsUnderLoad_noneFailsAndEachAnswerIsOneModelsWhole() throws Exception {
        UpdateFixture fixture = new UpdateFixture(data);
        UpdateProcessor processor = fixture.start();
        float[] input = TestModels.randomInput(1, 3 * 64, 11);
        Map<String, float[]> expected = new ConcurrentHashMap<>();
        expected.put("", fixture.logits(input, 1));
        AtomicBoolean running = new AtomicBoolean(true);
        AtomicLong swapping = new AtomicLong();
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<List<Answer>>> answers = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                answers.add(clients.submit(() -> ask(fixture, input, running, swapping)));
            }
            for (int i = 1; i <= UPDATES; i++) {
                String version = String.format("01J%023d", i);
                AffineUpdate.Builder update = fixture.update(version, i);
                expected.put(version, reference(fixture, update, input));
                byte[] message = fixture.signed(update);
                swapping.incrementAndGet();
                assertThat(processor.process(fixture.topic, message)).isInstanceOf(Applied.class);
                swapping.incrementAndGet();
            }
            running.set(false);
            List<Answer> all = new ArrayList<>();
            for (Future<List<Answer>> future : answers) {
                all.addAll(future.get(30, TimeUnit.SECONDS));
            }
            // Bit for bit: a folded model gives the same logits on the same input every time.
            assertThat(all).isNotEmpty().allSatisfy(a -> assertThat(a.logits())
                    .containsExactly(expected.get(a.version())));
            assertThat(all.stream().map(Answer::version).distinct().count()).isGreaterThan(UPDATES / 4);
            state(all);
        } finally {
            running.set(false);
            clients.shutdownNow();
        }
    }

    private static List<Answer> ask(UpdateFixture fixture, float[] input, AtomicBoolean running, AtomicLong swapping) {
        List<Answer> answers = new ArrayList<>();
        while (running.get()) {
            long before = swapping.get();
            long started = System.nanoTime();
            try (ActiveModelHolder.Lease lease = fixture.holder.lease().orElseThrow()) {
                float[] logits = lease.model().engine().logits(input, 1);
                long nanos = System.nanoTime() - started;
                boolean duringSwap = before % 2 == 1 || swapping.get() != before;
                answers.add(new Answer(lease.model().origin().update(), logits, nanos, duringSwap));
            }
        }
        return answers;
    }

    private static float[] reference(UpdateFixture fixture, AffineUpdate.Builder update, float[] input) {
        byte[] folded = fixture.folder.fold(fixture.folder
                .base()
                .plus(AffineCodec.decode(update.getAffine().toByteArray(), fixture.manifest.layers())));
        try (InferenceEngine engine = fixture.engines.open(folded)) {
            return engine.logits(input, 1);
        }
    }

    private static void state(List<Answer> answers) {
        double[] slowest = new double[2];
        int[] count = new int[2];
        for (Answer answer : answers) {
            int index = answer.duringSwap() ? 1 : 0;
            slowest[index] = Math.max(slowest[index], answer.nanos() / 1e6);
            count[index]++;
        }
        LOG.infof(
                "%d updates under %d clients: slowest of %d requests during a swap %.2f ms, of %d others %.2f ms",
                UPDATES, CLIENTS, count[1], slowest[1], count[0], slowest[0]);
    }
}
