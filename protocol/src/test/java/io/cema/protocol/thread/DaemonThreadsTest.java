package io.cema.protocol.thread;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DaemonThreadsTest {
    @Test
    void timer_runsOnADaemonOfThatName() throws Exception {
        ScheduledExecutorService timer = DaemonThreads.timer("cema-test");

        Thread thread = timer.submit(Thread::currentThread).get(1, TimeUnit.MINUTES);

        assertThat(thread.getName()).isEqualTo("cema-test");
        assertThat(thread.isDaemon()).isTrue();
        timer.shutdownNow();
    }
}
