package io.cema.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.edge.device.AgentMetrics;
import io.cema.edge.serving.ServedImages.Served;
import io.cema.edge.update.ModelOrigin;
import io.cema.protocol.model.ModelManifest;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ServedLearningQueueTest {
    private static final ModelManifest MANIFEST = TestModels.manifest("residual", TestModels.residual());
    private static final int LENGTH = 3 * TestModels.SIZE * TestModels.SIZE;

    private static final double FAST = 1e6;

    private final AgentMetrics metrics = new AgentMetrics();
    private final List<Predicted> learnt = new CopyOnWriteArrayList<>();

    @Test
    void served_learningBehind_isDroppedAndCounted() {
        CountDownLatch gate = new CountDownLatch(1);
        List<Predicted> entered = new CopyOnWriteArrayList<>();
        try (ServedLearning served = new ServedLearning(
                image -> {
                    entered.add(image);
                    awaitOpen(gate);
                    learnt.add(image);
                },
                metrics,
                1,
                FAST,
                Clock.systemUTC())) {
            served.start();
            served.served(request(1, 0));
            await().until(() -> entered.size() == 1);
            served.served(request(1, 0));

            served.served(request(1, 0));

            assertThat(metrics.skippedByReason()).containsEntry("LEARNING_BEHIND", 1L);
            gate.countDown();
            await().until(() -> learnt.size() == 2);
        }
    }

    @Test
    void served_batch_eachImageIsLearntFromWithItsOwnInputAndLogits() {
        try (ServedLearning served = new ServedLearning(learnt::add, metrics, 4, FAST, Clock.systemUTC())) {
            served.start();

            served.served(request(2, 0));

            await().until(() -> learnt.size() == 2);
        }
        assertThat(learnt).extracting(p -> p.frame().number()).containsExactly(0L, 1L);
        assertThat(learnt.get(1).input()).hasSize(LENGTH).containsOnly(.1f);
        assertThat(learnt).extracting(p -> p.prediction().predictedClass()).containsExactly(0, 1);
    }

    @Test
    void served_tensorThatIsNoPicture_isCounted() {
        try (ServedLearning served = new ServedLearning(learnt::add, metrics, 4, FAST, Clock.systemUTC())) {
            served.start();

            served.served(request(1, 100));

            await().until(() -> metrics.skippedByReason().containsKey("NO_PICTURE"));
        }
        assertThat(learnt).isEmpty();
    }

    @Test
    void learning_failsOnce_goesOn() {
        try (ServedLearning served = new ServedLearning(
                image -> {
                    learnt.add(image);
                    if (learnt.size() == 1) {
                        throw new IllegalStateException("on purpose");
                    }
                },
                metrics,
                4,
                FAST,
                Clock.systemUTC())) {
            served.start();

            served.served(request(1, 0));
            served.served(request(1, 0));

            await().until(() -> learnt.size() == 2);
        }
        assertThat(metrics.failedFrames()).isEqualTo(1);
    }

    @Test
    void served_moreThanThePace_isAnsweredAndNotLearntFrom() {
        try (ServedLearning served = new ServedLearning(learnt::add, metrics, 4, 0.001, Clock.systemUTC())) {
            served.start();

            served.served(request(1, 0));
            served.served(request(1, 0));

            await().until(() -> learnt.size() == 1);
        }
        assertThat(metrics.skippedByReason()).containsEntry("LEARNING_PACE", 1L);
    }

    /** Image i is filled with offset + i / 10, and of class i. */
    private static Served request(int images, float offset) {
        float[] input = new float[images * LENGTH];
        float[] logits = new float[images * TestModels.CLASSES];
        for (int i = 0; i < images; i++) {
            Arrays.fill(input, i * LENGTH, (i + 1) * LENGTH, offset + i / 10f);
            logits[i * TestModels.CLASSES + i] = 1;
        }
        return new Served(Optional.empty(), input, logits, images, MANIFEST, ModelOrigin.base("fog-east", "stable"), 1);
    }

    private static void awaitOpen(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
