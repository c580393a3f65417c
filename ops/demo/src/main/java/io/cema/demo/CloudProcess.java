package io.cema.demo;

import io.cema.ops.stack.GuardedProcess;
import io.cema.ops.stack.Ports;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One of several cloud services over the same database, to be killed or stopped in mid-run. */
final class CloudProcess implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(300);

    private final String instance;
    private final URI address;
    private final Path dataFolder;
    private final GuardedProcess process;
    private final Path log;

    /**
     * @param dataFolder with the keys, which all of them share
     * @param settings what they have in common besides
     */
    CloudProcess(Path root, String instance, Path dataFolder, Path logs, Map<String, String> settings)
            throws IOException {
        this.instance = instance;
        this.dataFolder = dataFolder;
        this.log = logs.resolve(instance + ".log");
        int port = Ports.claim(0, "cloud service", "none");
        this.address = URI.create("http://" + Ports.LOOPBACK + ":" + port);
        Map<String, String> all = new HashMap<>(settings);
        all.put("cema.instance", instance);
        all.put("cema.data-dir", dataFolder.toString());
        all.put("quarkus.http.port", Integer.toString(port));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(Fleet.CLOUD_OPTIONS);
        all.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of(
                "-jar",
                root.resolve("cloud-service/target/quarkus-app/quarkus-run.jar").toString()));
        this.process = GuardedProcess.start(instance, command, Fleet.CLOUD_ENVIRONMENT, log, "TERM");
    }

    String instance() {
        return instance;
    }

    CloudClient client() {
        return new CloudClient(address, dataFolder);
    }

    void awaitReady() throws InterruptedException {
        CloudClient client = client();
        long end = System.nanoTime() + READY.toNanos();
        while (!client.ready()) {
            if (!process.alive() || System.nanoTime() > end) {
                throw new DemoException("the cloud service " + instance + " is not ready after " + READY.toSeconds()
                        + " s; its log is " + log);
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    /** {@code kill -9}. */
    void kill() throws InterruptedException {
        process.kill();
    }

    /** {@code kill -STOP}: it stands still with everything it holds. */
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** {@code kill -CONT}: it goes on as if nothing had been. */
    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        long pid = process.childPid()
                .orElseThrow(
                        () -> new DemoException("the cloud service " + instance + " has ended; its log is " + log));
        if (new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor() != 0) {
            throw new DemoException("kill -" + name + " " + pid + " did not work");
        }
    }

    @Override
    public void close() {
        try {
            process.stop(30);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
