package io.cema.bench.fleet;

import io.cema.bench.process.ProcessMeter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;

/**
 * Samples at rates that rise step by step, until the cloud makes fewer durable than come in. Each step ends when what it
 * sent is durable, so that the next begins without a backlog.
 */
final class IngestRamp {
    /** Of what comes in: where more than that waits at the end of a step, ingest does not keep up. */
    private static final int KEPT_UP_SECONDS = 2;

    private static final double LONGEST_DRAIN_SECONDS = 300;
    private static final long WAIT_SAMPLE_MILLIS = 50;

    private final Fleet fleet;
    private final Machine machine;
    private final Pictures pictures;
    private final Console console;
    private final Uploads uploads = new Uploads();
    private int turn;

    IngestRamp(Fleet fleet, Machine machine, Observer observer, Pictures pictures, Console console) {
        this.fleet = fleet;
        this.machine = machine;
        this.pictures = pictures;
        this.console = console;
        observer.acks(uploads);
    }

    /**
     * @param perSecond samples a second of each step, rising
     * @return a row for each step
     */
    List<Map<String, Object>> run(List<Integer> perSecond, int secondsEach) throws Exception {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int rate : perSecond) {
            Map<String, Object> row = step(rate, secondsEach);
            rows.add(row);
            if ((int) row.get("waitingAtEnd") > KEPT_UP_SECONDS * rate) {
                break;
            }
        }
        return rows;
    }

    Uploads uploads() {
        return uploads;
    }

    private Map<String, Object> step(int rate, int seconds) throws Exception {
        List<Pictures.Picture> prepared = new ArrayList<>();
        for (int i = 0; i < rate * seconds; i++) {
            prepared.add(pictures.next());
        }
        uploads.latencies();
        int before = uploads.durable().size();
        Map<String, ProcessMeter.Usage> usage = machine.usage();
        Map<String, Double> threads = ProcessMeter.threads(machine.cloudProcess());
        double machineBusy = ProcessMeter.machineSeconds();
        long bytes = uploads.bytes();
        AtomicBoolean sending = new AtomicBoolean(true);
        Map<String, Integer> waits = new TreeMap<>();
        Thread sampler = waitSampler(sending, waits);
        long began = System.nanoTime();
        send(prepared, rate, began);
        double elapsed = (System.nanoTime() - began) / 1e9;
        double durablePerSecond = (uploads.durable().size() - before) / elapsed;
        int waiting = uploads.outstanding();
        sending.set(false);
        sampler.join();
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("offeredPerSecond", rate);
        row.put("durablePerSecond", durablePerSecond);
        row.put("waitingAtEnd", waiting);
        row.put("processors", share(usage, machine.usage(), elapsed));
        row.put("machineBusyProcessors", (ProcessMeter.machineSeconds() - machineBusy) / elapsed);
        row.put("serviceThreads", ProcessMeter.busiest(threads, ProcessMeter.threads(machine.cloudProcess()), elapsed));
        row.put("databaseConnections", waits);
        double drain = console.await(
                "the rest becomes durable",
                LONGEST_DRAIN_SECONDS,
                () -> {
                    uploads.sendOverdue();
                    return uploads.outstanding() == 0;
                },
                () -> uploads.outstanding() + " wait");
        Histogram micros = uploads.latencies();
        row.put("drainSeconds", drain);
        row.put("p50Millis", micros.getValueAtPercentile(50) / 1e3);
        row.put("p99Millis", micros.getValueAtPercentile(99) / 1e3);
        row.put("maxMillis", micros.getMaxValue() / 1e3);
        row.put("meanSampleBytes", (uploads.bytes() - bytes) / prepared.size());
        console.say(String.format(
                "%d samples/s in: %.0f/s durable, p50 %.0f ms, p99 %.0f ms, %s waited at the end; service %s; database %s",
                rate,
                durablePerSecond,
                (double) row.get("p50Millis"),
                (double) row.get("p99Millis"),
                row.get("waitingAtEnd"),
                row.get("serviceThreads"),
                waits));
        return row;
    }

    private void send(List<Pictures.Picture> prepared, int rate, long began) throws InterruptedException {
        for (int i = 0; i < prepared.size(); i++) {
            long due = began + (long) (i * 1e9 / rate);
            long wait = due - System.nanoTime();
            if (wait > 0) {
                Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
            }
            VirtualDevice device = fleet.device(turn);
            turn = (turn + 1) % fleet.size();
            uploads.send(device, prepared.get(i), due);
        }
    }

    private Thread waitSampler(AtomicBoolean sending, Map<String, Integer> waits) {
        Thread thread = new Thread(
                () -> {
                    try (FleetRecords records = FleetRecords.open(machine.stack(), machine.stackData())) {
                        while (sending.get()) {
                            records.sampleWaits(waits);
                            Thread.sleep(WAIT_SAMPLE_MILLIS);
                        }
                    } catch (Exception e) {
                        waits.put("not sampled: " + e.getMessage(), 1);
                    }
                },
                "database-waits");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Of one processor, by process. */
    static Map<String, Double> share(
            Map<String, ProcessMeter.Usage> before, Map<String, ProcessMeter.Usage> after, double seconds) {
        Map<String, Double> shares = new LinkedHashMap<>();
        after.forEach((name, usage) -> shares.put(
                name, Math.max(0, usage.cpuSeconds() - before.get(name).cpuSeconds()) / seconds));
        return shares;
    }
}
