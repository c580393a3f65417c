package io.cema.bench.fleet;

import io.cema.protocol.message.SampleAck;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What the devices of a fleet tell of what reached them. Any thread. */
final class Observer {
    /** Told of acknowledgements of samples. */
    @FunctionalInterface
    interface Acks {
        void acknowledged(List<SampleAck.Entry> entries);
    }

    private final int devices;
    private final Map<String, Arrivals> updates = new ConcurrentHashMap<>();
    private final LongAdder telemetry = new LongAdder();
    private volatile Arrivals desired;
    private volatile Acks acks = entries -> {};

    Observer(int devices) {
        this.devices = devices;
        this.desired = new Arrivals(System.currentTimeMillis(), devices);
    }

    /**
     * @param publication version and revision
     * @param signedMillis when the cloud signed it, since 1970
     */
    void update(int device, String publication, long signedMillis) {
        long now = System.currentTimeMillis();
        updates.computeIfAbsent(publication, p -> new Arrivals(signedMillis, devices))
                .arrived(device, now);
    }

    /** By publication. */
    Map<String, Arrivals> updates() {
        return updates;
    }

    void desired(int device) {
        desired.arrived(device, System.currentTimeMillis());
    }

    /** From now on desired states count anew, from that moment on. */
    Arrivals awaitDesired(long beganMillis) {
        desired = new Arrivals(beganMillis, devices);
        return desired;
    }

    Arrivals desired() {
        return desired;
    }

    void acknowledged(List<SampleAck.Entry> entries) {
        acks.acknowledged(entries);
    }

    void acks(Acks told) {
        acks = told;
    }

    void telemetrySent() {
        telemetry.increment();
    }

    long telemetry() {
        return telemetry.sum();
    }
}
