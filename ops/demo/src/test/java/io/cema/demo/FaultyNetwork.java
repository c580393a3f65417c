package io.cema.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A network namespace of its own for an agent, joined to this one by a pair of virtual interfaces that can lose, cut and
 * throttle. Delay is {@link SlowProxy}'s. Needs root, iproute2 and nftables. One thread.
 */
final class FaultyNetwork implements AutoCloseable {
    /** This machine's end. */
    static final String NEAR = "10.213.77.1";
    /** The agent's end. */
    static final String FAR = "10.213.77.2";

    private static final String TABLE = "inet faults";

    private final String name = "cema-" + ProcessHandle.current().pid();
    private final String near = "cv" + ProcessHandle.current().pid();

    /** Why no such network can be made here; empty if it can. */
    static Optional<String> missing() throws IOException, InterruptedException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("network namespaces need root");
        }
        for (List<String> tool : List.of(List.of("ip", "-V"), List.of("tc", "-V"), List.of("nft", "-v"))) {
            try {
                run(tool);
            } catch (IOException e) {
                return Optional.of(tool.get(0) + " cannot be run (Debian: apt-get install iproute2 nftables)");
            }
        }
        String probe = "cema-probe-" + ProcessHandle.current().pid();
        try {
            run(List.of("ip", "netns", "add", probe));
            run(List.of("ip", "netns", "del", probe));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("no network namespace can be made: " + e.getMessage());
        }
    }

    FaultyNetwork() throws IOException, InterruptedException {
        run(List.of("ip", "netns", "add", name));
        try {
            run(List.of("ip", "link", "add", near, "type", "veth", "peer", "name", "eth0", "netns", name));
            run(List.of("ip", "addr", "add", NEAR + "/30", "dev", near));
            run(List.of("ip", "link", "set", near, "up"));
            inside("ip", "addr", "add", FAR + "/30", "dev", "eth0");
            inside("ip", "link", "set", "eth0", "up");
            inside("ip", "link", "set", "lo", "up");
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** What a command begins with to run in the namespace. */
    List<String> prefix() {
        return List.of("ip", "netns", "exec", name);
    }

    /** @param percent of the packets in each direction, at random; below 100 */
    void lose(int percent) throws IOException, InterruptedException {
        filter("numgen random mod 100 < " + percent + " drop");
    }

    private void filter(String drop) throws IOException, InterruptedException {
        inside("nft", "add table " + TABLE);
        inside("nft", "add chain " + TABLE + " out { type filter hook output priority 0 ; }");
        inside("nft", "add chain " + TABLE + " in { type filter hook input priority 0 ; }");
        inside("nft", "add rule " + TABLE + " out oifname eth0 " + drop);
        inside("nft", "add rule " + TABLE + " in iifname eth0 " + drop);
    }

    /** After {@link #lose} or {@link #cut}. */
    void loseNothing() throws IOException, InterruptedException {
        inside("nft", "delete table " + TABLE);
    }

    /** Nothing passes, and nobody is told. */
    void cut() throws IOException, InterruptedException {
        filter("drop");
    }

    /** @param kilobits a second in each direction */
    void throttle(int kilobits) throws IOException, InterruptedException {
        List<String> filter = List.of("root", "tbf", "rate", kilobits + "kbit", "burst", "4kb", "latency", "500ms");
        List<String> outside = new ArrayList<>(List.of("tc", "qdisc", "replace", "dev", near));
        outside.addAll(filter);
        run(outside);
        List<String> within = new ArrayList<>(List.of("tc", "qdisc", "replace", "dev", "eth0"));
        within.addAll(filter);
        inside(within.toArray(String[]::new));
    }

    void throttleNothing() throws IOException, InterruptedException {
        run(List.of("tc", "qdisc", "del", "dev", near, "root"));
        inside("tc", "qdisc", "del", "dev", "eth0", "root");
    }

    private void inside(String... command) throws IOException, InterruptedException {
        List<String> whole = new ArrayList<>(prefix());
        whole.addAll(List.of(command));
        run(whole);
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }

    /** The pair of interfaces goes with the namespace. */
    @Override
    public void close() throws IOException, InterruptedException {
        run(List.of("ip", "netns", "del", name));
    }
}
