package io.cema.bench.serving;

import io.cema.ops.stack.StackProcess;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Kills the broker at random moments and starts it again after random spells, on a thread of its own. */
final class Outages implements AutoCloseable {
    private static final int LONGEST_UP_SECONDS = 90;
    private static final int LONGEST_DOWN_SECONDS = 30;

    private final StackProcess broker;
    private final Random random;
    private final AtomicLong count = new AtomicLong();
    private final Thread thread = new Thread(this::run, "outages");

    Outages(StackProcess broker, Random random) {
        this.broker = broker;
        this.random = random;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** How often it has gone away. */
    long count() {
        return count.get();
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(1_000L * (10 + random.nextInt(LONGEST_UP_SECONDS - 10)));
                count.incrementAndGet();
                broker.killBroker();
                Thread.sleep(1_000L * (1 + random.nextInt(LONGEST_DOWN_SECONDS)));
                broker.startBroker();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
