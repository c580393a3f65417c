package io.cema.trt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.Test;

class NativeHandleTest {
    @Test
    void gives_the_object_until_it_is_closed() {
        try (NativeHandle<FloatPointer> handle =
                new NativeHandle<>("the buffer", new FloatPointer(1, 2, 3), FloatPointer::close)) {
            assertThat(handle.get().get(2)).isEqualTo(3);
            assertThat(handle.isClosed()).isFalse();
        }
    }

    @Test
    void use_after_close_is_an_exception_that_names_it() {
        NativeHandle<FloatPointer> handle =
                new NativeHandle<>("the buffer", new FloatPointer(1, 2, 3), FloatPointer::close);
        handle.close();
        assertThatThrownBy(handle::get)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the buffer is closed");
    }

    @Test
    void is_released_once_however_many_close_it() throws InterruptedException {
        AtomicInteger released = new AtomicInteger();
        NativeHandle<String> handle = new NativeHandle<>("it", "object", o -> released.incrementAndGet());
        CountDownLatch start = new CountDownLatch(1);
        Thread[] closers = new Thread[8];
        for (int i = 0; i < closers.length; i++) {
            closers[i] = new Thread(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                handle.close();
            });
            closers[i].start();
        }
        start.countDown();
        for (Thread closer : closers) {
            closer.join();
        }
        assertThat(released).hasValue(1);
    }
}
