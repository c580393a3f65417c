package io.cema.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What processes hold and use, as Linux counts it below /proc. */
public final class ProcessMeter {
    private static final double TICKS_PER_SECOND = 100;
    private static final long KIBI = 1024;

    private ProcessMeter() {}

    /**
     * Of some processes together.
     *
     * @param memoryBytes physical memory, that which several share counted once
     * @param cpuSeconds since their starts
     */
    public record Usage(long memoryBytes, double cpuSeconds) {}

    /** Of a process and those below it that are of the same program, its ended children included. */
    public static Usage of(List<ProcessHandle> processes) {
        long memory = 0;
        double cpu = 0;
        for (ProcessHandle process : processes) {
            Path proc = Path.of("/proc", Long.toString(process.pid()));
            try {
                memory += proportional(proc.resolve("smaps_rollup"));
                cpu += seconds(Files.readString(proc.resolve("stat")), true);
            } catch (IOException e) {
                continue; // ended between the listing and the look at it
            }
        }
        return new Usage(memory, cpu);
    }

    /** Seconds of processor time of each of a process's threads, by the first 15 characters of its name. */
    public static Map<String, Double> threads(ProcessHandle process) {
        Map<String, Double> seconds = new TreeMap<>();
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(process.pid()), "task"))) {
            for (Path task : tasks.toList()) {
                String stat = Files.readString(task.resolve("stat"));
                String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
                        .replaceAll("[-#]?\\d+$", "");
                seconds.merge(name, seconds(stat, false), Double::sum);
            }
        } catch (IOException e) {
            return seconds; // a thread ended meanwhile: what was read has to do
        }
        return seconds;
    }

    /** The threads that used most of the time between two looks, with their share of one processor. */
    public static List<String> busiest(Map<String, Double> before, Map<String, Double> after, double elapsedSeconds) {
        Map<String, Double> used = new TreeMap<>();
        after.forEach((name, seconds) -> used.put(name, (seconds - before.getOrDefault(name, 0.0)) / elapsedSeconds));
        List<String> names = new ArrayList<>(used.keySet());
        names.sort(Comparator.comparingDouble((String name) -> used.get(name)).reversed());
        return names.stream()
                .limit(6)
                .filter(name -> used.get(name) >= .02)
                .map(name -> name + " " + Math.round(used.get(name) * 100) + " %")
                .toList();
    }

    /** Processor time of the whole machine since its start that was not idle, in seconds over all processors. */
    public static double machineSeconds() {
        try {
            String[] fields = Files.readAllLines(Path.of("/proc/stat")).get(0).split(" +");
            long busy = 0;
            for (int i = 1; i < fields.length && i <= 8; i++) {
                boolean idle = i == 4 || i == 5;
                busy += idle ? 0 : Long.parseLong(fields[i]);
            }
            return busy / TICKS_PER_SECOND;
        } catch (IOException e) {
            throw new IllegalStateException("/proc/stat cannot be read; this measurement needs Linux", e);
        }
    }

    private static long proportional(Path rollup) throws IOException {
        for (String line : Files.readAllLines(rollup)) {
            if (line.startsWith("Pss:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * KIBI;
            }
        }
        return 0;
    }

    /** The fields behind the name in brackets begin with the third. */
    private static double seconds(String stat, boolean withChildren) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        if (withChildren) {
            ticks += Long.parseLong(fields[13]) + Long.parseLong(fields[14]);
        }
        return ticks / TICKS_PER_SECOND;
    }
}
