package io.cema.bench.fleet;

import io.cema.bench.process.ProcessMeter;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** What was seen in one part of a run: facts of its own, and what the processes used and hold at its end. One thread. */
final class Phase {
    private static final double MEBI = 1 << 20;

    private final String name;
    private final Machine machine;
    private final long began = System.nanoTime();
    private final Map<String, ProcessMeter.Usage> before;
    private final double machineBefore = ProcessMeter.machineSeconds();
    private final Map<String, Double> threadsBefore;
    private final Map<String, Object> facts = new LinkedHashMap<>();

    Phase(String name, Machine machine) throws IOException {
        this.name = name;
        this.machine = machine;
        this.before = machine.usage();
        this.threadsBefore = ProcessMeter.threads(machine.cloudProcess());
    }

    void fact(String fact, Object value) {
        facts.put(fact, value);
    }

    /** Seconds since it began. */
    double seconds() {
        return (System.nanoTime() - began) / 1e9;
    }

    /** All of it, for the report. */
    Map<String, Object> end() throws IOException {
        double seconds = seconds();
        Map<String, ProcessMeter.Usage> after = machine.usage();
        Map<String, Object> processes = new LinkedHashMap<>();
        after.forEach((process, usage) -> {
            Map<String, Object> row = new LinkedHashMap<>();
            // A process that was started anew in this phase counts from its start.
            double earlier = before.containsKey(process) && before.get(process).cpuSeconds() <= usage.cpuSeconds()
                    ? before.get(process).cpuSeconds()
                    : 0;
            row.put("cpuSeconds", usage.cpuSeconds() - earlier);
            row.put("memoryMiB", Math.round(usage.memoryBytes() / MEBI));
            processes.put(process, row);
        });
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("phase", name);
        report.put("seconds", seconds);
        report.putAll(facts);
        report.put("processes", processes);
        report.put("machineBusyProcessors", (ProcessMeter.machineSeconds() - machineBefore) / seconds);
        report.put(
                "serviceThreads",
                ProcessMeter.busiest(threadsBefore, ProcessMeter.threads(machine.cloudProcess()), seconds));
        return report;
    }
}
