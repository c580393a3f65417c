package io.cema.cloud.ingest;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/**
 * Stores samples in batches, on one thread of its own. Messages are acknowledged only after their batch is durable; what
 * waits here is bounded by whoever adds: the session's Receive Maximum, or the room of {@link RelayedSamples}.
 */
@ApplicationScoped
class SampleIngest {
    private static final Logger LOG = Logger.getLogger(SampleIngest.class);
    private static final Duration HOUSEKEEPING = Duration.ofHours(1);

    private final SampleBatch batches;
    private final IngestSettings settings;
    private final IngestMeters meters;
    private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
    private volatile boolean stopped;
    private Thread thread;

    /** @param sinceNanos when it arrived, of {@link System#nanoTime} */
    private record Waiting(Message<byte[]> message, long sinceNanos) {}

    SampleIngest(SampleBatch batches, IngestSettings settings, IngestMeters meters) {
        this.batches = batches;
        this.settings = settings;
        this.meters = meters;
        meters.watch(queue);
    }

    /** Any thread, returns at once; the message is acked or nacked later. */
    void add(Message<byte[]> message) {
        queue.add(new Waiting(message, System.nanoTime()));
    }

    void start(@Observes StartupEvent event) {
        thread = new Thread(this::run, "cema-ingest");
        thread.setDaemon(true);
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) {
        stopped = true;
        thread.interrupt();
    }

    private void run() {
        long nextHousekeeping = System.nanoTime();
        List<Waiting> batch = new ArrayList<>();
        while (!stopped) {
            try {
                Waiting first = queue.poll(1, TimeUnit.SECONDS);
                if (first != null) {
                    batch.add(first);
                    queue.drainTo(batch, settings.batch() - 1);
                    take(batch);
                    batch.clear();
                } else if (System.nanoTime() >= nextHousekeeping) {
                    nextHousekeeping = System.nanoTime() + HOUSEKEEPING.toNanos();
                    batches.expireParts();
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (!stopped) {
                    LOG.error("ingest housekeeping failed, goes on", e);
                }
            }
        }
    }

    /** One message that breaks its batch must not take the others with it: then each is tried alone. */
    private void take(List<Waiting> batch) {
        try {
            meters.batch(batch.size());
            batches.store(batch.stream().map(Waiting::message).toList());
            batch.forEach(this::acknowledge);
        } catch (RuntimeException e) {
            if (stopped) {
                return;
            }
            if (batch.size() == 1) {
                batch.get(0).message().nack(e);
                return;
            }
            LOG.warnf(e, "a batch of %d messages failed, each is tried alone", batch.size());
            batch.forEach(message -> take(List.of(message)));
        }
    }

    private void acknowledge(Waiting durable) {
        durable.message().ack();
        meters.durable(System.nanoTime() - durable.sinceNanos());
    }
}
