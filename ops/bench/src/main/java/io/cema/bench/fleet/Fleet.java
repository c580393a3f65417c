package io.cema.bench.fleet;

import io.cema.bench.fleet.VirtualDevice.Surroundings;
import io.cema.protocol.thread.DaemonThreads;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The devices of one process. They are all made at once and connected at a rate; telemetry goes out evenly spread over its
 * interval. One thread calls it.
 */
final class Fleet implements AutoCloseable {
    private static final long TICK_MILLIS = 50;

    private final Surroundings around;
    private final int first;
    private final List<VirtualDevice> devices;
    private final ScheduledExecutorService ticker = DaemonThreads.timer("fleet-telemetry");
    private double due;
    private int turn;

    /**
     * @param first number of the first device
     * @param connection counter of each before its first CONNECT
     */
    Fleet(Surroundings around, int first, int count, long connection) {
        this.around = around;
        this.first = first;
        this.devices = new CopyOnWriteArrayList<>(IntStream.range(first, first + count)
                .mapToObj(number -> new VirtualDevice(around, number, connection))
                .toList());
    }

    int size() {
        return devices.size();
    }

    VirtualDevice device(int index) {
        return devices.get(index);
    }

    List<VirtualDevice> devices() {
        return devices;
    }

    /** Begins to connect all, so many a second; returns when the last has begun. */
    void connect(double perSecond) throws InterruptedException {
        long began = System.nanoTime();
        for (int i = 0; i < devices.size(); i++) {
            long wait = began + (long) (i * 1e9 / perSecond) - System.nanoTime();
            if (wait > 0) {
                TimeUnit.NANOSECONDS.sleep(wait);
            }
            devices.get(i).connect();
        }
    }

    int count(Predicate<VirtualDevice> which) {
        int count = 0;
        for (VirtualDevice device : devices) {
            count += which.test(device) ? 1 : 0;
        }
        return count;
    }

    /** From now on every device that is connected says something each so many seconds. */
    void startTelemetry(int intervalSeconds, TelemetryMaker maker) {
        double perTick = devices.size() * TICK_MILLIS / 1e3 / intervalSeconds;
        ticker.scheduleAtFixedRate(
                () -> {
                    for (due += perTick; due >= 1; due--) {
                        devices.get(turn).sendTelemetry(maker);
                        turn = (turn + 1) % devices.size();
                    }
                },
                TICK_MILLIS,
                TICK_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    /** The last ones leave without a word, and are not this fleet's any more. */
    void giveAway(int count) {
        for (VirtualDevice device : devices.subList(devices.size() - count, devices.size())) {
            device.leave();
        }
    }

    /** Puts new devices, which go on counting, in the place of the last ones. */
    void takeBack(int count, long connection) {
        for (int i = devices.size() - count; i < devices.size(); i++) {
            devices.set(i, new VirtualDevice(around, first + i, connection));
            devices.get(i).connect();
        }
    }

    @Override
    public void close() {
        ticker.shutdownNow();
        devices.parallelStream().forEach(VirtualDevice::leave);
    }
}
