package io.cema.bench.fleet;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the machine must allow for so many connections, checked before anything starts. */
final class MachineLimits {
    /** Files that broker and simulator have open beside a socket for each device. */
    private static final int FILES_BESIDE = 1_500;

    private static final int PORTS_BESIDE = 500;

    private MachineLimits() {}

    /** What is too low, with the command that raises it; empty if all is well. */
    static List<String> shortOf(int devices) throws IOException {
        List<String> faults = new ArrayList<>();
        long files = openFiles(Files.readAllLines(Path.of("/proc/self/limits")));
        long wantedFiles = (long) devices + FILES_BESIDE;
        if (files < wantedFiles) {
            faults.add("a process may open " + files + " files, " + devices + " devices need " + wantedFiles
                    + ": `ulimit -n " + wantedFiles + "` (root, or nofile in /etc/security/limits.conf)");
        }
        long ports = ports(firstLine(Path.of("/proc/sys/net/ipv4/ip_local_port_range")));
        if (ports < (long) devices + PORTS_BESIDE) {
            faults.add("the loopback interface has " + ports + " ports for outgoing connections, " + devices
                    + " devices need one each: `sysctl -w net.ipv4.ip_local_port_range=\"10000 65000\"`");
        }
        return faults;
    }

    /** In one read: such a file of the kernel is empty from its second byte on. */
    private static String firstLine(Path file) throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            return reader.readLine();
        }
    }

    static long openFiles(List<String> limits) {
        return limits.stream()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.split(" {2,}")[1].strip())
                .mapToLong(soft -> soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft))
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }

    static long ports(String range) {
        String[] ends = range.strip().split("\\s+");
        return Long.parseLong(ends[1]) - Long.parseLong(ends[0]) + 1;
    }
}
