package io.cema.cloud.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.messaging.IncomingMqttMetadata;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DeviceLanesTest {
    private static final int DEVICES = 40;
    private static final int ROUNDS = 50;

    private final ScheduledExecutorService elsewhere = Executors.newScheduledThreadPool(4);
    private final ConcurrentLinkedQueue<String> acked = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> nacked = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() {
        elsewhere.shutdownNow();
    }

    @Test
    void what_one_device_says_keeps_its_order() throws Exception {
        Map<String, List<Integer>> stored = new ConcurrentHashMap<>();
        CountDownLatch done = new CountDownLatch(DEVICES * ROUNDS);
        List<Message<byte[]>> messages = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (int device = 0; device < DEVICES; device++) {
                messages.add(message("d" + device, round));
            }
        }

        Multi.createFrom()
                .iterable(messages)
                .subscribe()
                .withSubscriber(DeviceLanes.of((topic, payload) -> later(() -> {
                    stored.computeIfAbsent(topic, t -> new ArrayList<>()).add((int) payload[0]);
                    done.countDown();
                })));

        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(stored).hasSize(DEVICES).allSatisfy((device, rounds) -> assertThat(rounds)
                .containsExactlyElementsOf(IntStream.range(0, ROUNDS).boxed().toList()));
    }

    @Test
    void a_device_does_not_wait_for_every_other() throws Exception {
        CountDownLatch others = new CountDownLatch(1);
        CompletableFuture<Void> first = new CompletableFuture<>();
        List<Message<byte[]>> messages =
                IntStream.range(0, 30).mapToObj(i -> message("d" + i, i)).toList();

        Multi.createFrom().iterable(messages).subscribe().withSubscriber(DeviceLanes.of((topic, payload) -> {
            if (payload[0] == 0) {
                return Uni.createFrom().completionStage(first);
            }
            others.countDown();
            return Uni.createFrom().voidItem();
        }));

        assertThat(others.await(20, TimeUnit.SECONDS)).isTrue();
        first.complete(null);
    }

    @Test
    void what_fails_is_nacked_and_the_next_is_taken() throws Exception {
        CountDownLatch done = new CountDownLatch(3);

        Multi.createFrom()
                .items(message("d", 0), message("d", 1), message("d", 2))
                .subscribe()
                .withSubscriber(DeviceLanes.of((topic, payload) -> {
                    done.countDown();
                    if (payload[0] == 1) {
                        throw new IllegalArgumentException("wished");
                    }
                    return Uni.createFrom().voidItem();
                }));

        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(acked).containsExactly("0", "2");
        assertThat(nacked).containsExactly("1");
    }

    private Uni<Void> later(Runnable work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        elsewhere.execute(() -> {
            work.run();
            done.complete(null);
        });
        return Uni.createFrom().completionStage(done);
    }

    private Message<byte[]> message(String device, int number) {
        IncomingMqttMetadata metadata = new IncomingMqttMetadata(
                "cema/v1/default/d/" + device + "/presence", 1, false, Map.of(), Optional.empty(), Optional.empty());
        return Message.of(
                new byte[] {(byte) number},
                Metadata.of(metadata),
                () -> {
                    acked.add(Integer.toString(number));
                    return CompletableFuture.completedFuture(null);
                },
                failure -> {
                    nacked.add(Integer.toString(number));
                    return CompletableFuture.completedFuture(null);
                });
    }
}
