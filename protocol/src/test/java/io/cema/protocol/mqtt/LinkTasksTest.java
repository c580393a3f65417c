package io.cema.protocol.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LinkTasksTest {
    private static final int MANY = 1_000;

    private final MqttThreads threads = new MqttThreads(4);

    @AfterEach
    void close() {
        threads.close();
    }

    @Test
    void the_tasks_of_each_link_keep_their_order_on_threads_that_links_share() throws Exception {
        List<LinkTasks> links =
                IntStream.range(0, 8).mapToObj(i -> LinkTasks.on(threads)).toList();
        List<List<Integer>> seen = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(links.size());
        for (LinkTasks link : links) {
            List<Integer> order = new ArrayList<>(); // no lock: the tasks of a link do not run side by side
            seen.add(order);
            IntStream.range(0, MANY).forEach(i -> link.execute(() -> order.add(i)));
            link.execute(done::countDown);
        }

        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(seen).allSatisfy(order -> assertThat(order)
                .containsExactlyElementsOf(IntStream.range(0, MANY).boxed().toList()));
    }

    @Test
    void a_delayed_task_runs_among_the_others() throws Exception {
        CountDownLatch ran = new CountDownLatch(1);

        LinkTasks.on(threads).schedule(ran::countDown, Duration.ofMillis(1));

        assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void what_waits_at_the_shutdown_is_run_and_nothing_more_is_taken() throws Exception {
        LinkTasks link = LinkTasks.ofOwnThread("a link");
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch ran = new CountDownLatch(MANY);
        link.execute(() -> awaitQuietly(go));
        IntStream.range(0, MANY).forEach(i -> link.execute(ran::countDown));

        link.shutdown();
        go.countDown();

        assertThatThrownBy(() -> link.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void an_error_in_one_task_does_not_end_the_link() throws Exception {
        LinkTasks link = LinkTasks.on(threads);
        CountDownLatch ran = new CountDownLatch(1);

        link.execute(() -> {
            throw new AssertionError("wished");
        });
        link.execute(ran::countDown);

        assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
