package io.cema.cloud.adaptation;

import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.cloud.ingest.SamplePlacement;
import io.cema.cloud.ingest.SamplesArrived;
import io.cema.cloud.model.ArtefactStore;
import io.cema.cloud.model.ModelRegistry;
import io.cema.cloud.persistence.SchemaReady;
import io.cema.protocol.trace.Tracing;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Finds loops nobody holds, takes their leases, renews them, and runs the loops on worker threads of its own. A loop
 * that fails waits longer each time and hurts no other.
 *
 * <p>Where samples are divided among processes, the one that stores a cohort's is the first to take its loop; the others wait
 * a moment, and then anybody may. What is held stays where it is: the lease alone says who learns.
 */
@ApplicationScoped
class LoopSupervisor {
    private static final Logger LOG = Logger.getLogger(LoopSupervisor.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** Of a lease: signs of life. */
    private static final int RENEWALS = 5;
    /** How many looks a free loop is left to the process that stores its samples. */
    private static final int LOOKS_FOR_THE_FIRST = 2;

    private final DurableLoopStore.Rooms rooms;
    private final SamplePlacement placement;
    private final TorchSettings torch;
    private final AdaptationConfig config;
    private final AdaptationMeters meters;
    private final Tracing tracing;
    private final String tenant;
    private final String holder;
    private final Map<LoopKey, LoopSeat> seats = new ConcurrentHashMap<>();
    /** Looks at which a loop was found free; of the clock thread. */
    private final Map<LoopKey, Integer> free = new HashMap<>();

    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(named("adaptation-clock"));
    private final ExecutorService workers;
    private volatile boolean stopping;

    LoopSupervisor(
            LoopRepository repository,
            ModelRegistry models,
            ArtefactStore artefacts,
            SamplePlacement placement,
            AdaptationConfig config,
            AdaptationMeters meters,
            Tracing tracing,
            @ConfigProperty(name = "cema.tenant") String tenant,
            @ConfigProperty(name = "cema.instance") String instance) {
        this.placement = placement;
        this.config = config;
        this.meters = meters;
        this.tracing = tracing;
        meters.watch(seats);
        this.tenant = tenant;
        this.holder = instance + "/" + UlidCreator.getUlid();
        torch = config.cuda()
                ? TorchSettings.cuda()
                : TorchSettings.cpu(
                        config.threads() > 0
                                ? config.threads()
                                : Runtime.getRuntime().availableProcessors());
        rooms = new DurableLoopStore.Rooms(repository, models, artefacts, config.imageCacheBytes());
        workers = Executors.newFixedThreadPool(config.workers(), named("adaptation-worker"));
    }

    void onSchemaReady(@Observes SchemaReady ready) {
        if (!config.enabled()) {
            LOG.info("adaptation is switched off in this process (cema.adaptation.enabled=false)");
            return;
        }
        long period = Math.max(100, config.lease().toMillis() / RENEWALS);
        clock.scheduleWithFixedDelay(this::patrol, 0, period, TimeUnit.MILLISECONDS);
    }

    void onSamples(@Observes SamplesArrived arrived) {
        LoopSeat seat = seats.get(new LoopKey(arrived.tenant(), arrived.cohort(), arrived.modelDigest()));
        if (seat != null) {
            seat.wake();
        }
    }

    void onShutdown(@Observes ShutdownEvent event) throws InterruptedException {
        stopping = true;
        clock.shutdownNow();
        workers.shutdown();
        if (!workers.awaitTermination(20, TimeUnit.SECONDS)) {
            LOG.warn("a step did not end in 20 s; its lease will expire by itself");
            return;
        }
        for (LoopSeat seat : seats.values()) {
            seat.close();
            try {
                rooms.repository().release(seat.lease()).await().atMost(PATIENCE);
            } catch (RuntimeException e) {
                LOG.warnf(
                        "loop %s: lease not given back, it will expire: %s",
                        seat.lease().key(), e.getMessage());
            }
        }
        seats.clear();
    }

    /** Renews what we hold and takes what nobody holds; runs on the clock thread. */
    private void patrol() {
        try {
            seats.values().removeIf(LoopSeat::closed);
            renewAll();
            List<LoopKey> unheld = rooms.repository().unheld(tenant).await().atMost(PATIENCE);
            free.keySet().retainAll(unheld);
            for (LoopKey key : unheld) {
                if (!stopping && !seats.containsKey(key) && mayTake(key)) {
                    take(key);
                }
            }
        } catch (RuntimeException e) {
            LOG.warnf("leases not looked after, tried again soon: %s", e.getMessage());
        }
    }

    private boolean mayTake(LoopKey key) {
        int looks = free.merge(key, 1, Integer::sum);
        return placement.here(key.cohort()) || looks > LOOKS_FOR_THE_FIRST;
    }

    private void take(LoopKey key) {
        rooms.repository()
                .acquire(key, holder, config.lease())
                .await()
                .atMost(PATIENCE)
                .ifPresent(lease -> {
                    LOG.infof("loop %s: lease taken, token %d", key, lease.fencing());
                    meters.leaseTaken();
                    LoopSeat seat = new LoopSeat(lease, loop(lease), clock, workers);
                    seats.put(key, seat);
                    seat.wake();
                });
    }

    private AdaptationLoop loop(Lease lease) {
        LoopKey key = lease.key();
        return new AdaptationLoop(
                key,
                new DurableLoopStore(lease, rooms),
                torch,
                System::nanoTime,
                new LoopTelemetry(key, meters.of(key), tracing));
    }

    /** All at once: one loop whose row is locked by its own step holds up no other's sign of life. */
    private void renewAll() {
        List<LoopSeat> held =
                seats.values().stream().filter(seat -> !seat.retired()).toList();
        if (held.isEmpty()) {
            return;
        }
        List<Boolean> ours = Uni.join()
                .all(held.stream().map(this::renewed).toList())
                .andCollectFailures()
                .await()
                .atMost(PATIENCE);
        for (int i = 0; i < held.size(); i++) {
            if (!ours.get(i)) {
                LOG.warnf("loop %s: lease lost", held.get(i).lease().key());
                meters.leaseLost();
                held.get(i).retire();
            }
        }
    }

    /** False only if the lease is lost; a database that does not answer takes nothing away yet. */
    private Uni<Boolean> renewed(LoopSeat seat) {
        return rooms.repository()
                .renew(seat.lease(), config.lease())
                .onFailure()
                .invoke(e ->
                        LOG.warnf("loop %s: lease not renewed: %s", seat.lease().key(), e.getMessage()))
                .onFailure()
                .recoverWithItem(true);
    }

    private static ThreadFactory named(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
