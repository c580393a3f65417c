package io.cema.bench.fleet;

import io.cema.bench.fleet.VirtualDevice.Surroundings;
import io.cema.ops.stack.GuardedProcess;
import io.cema.protocol.mqtt.MqttThreads;
import io.cema.protocol.signature.TrustedKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A part of the fleet in a process of its own, for {@code kill -9} to end as a power cut ends devices: without a DISCONNECT.
 * The process says how many are connected, in a file.
 */
final class FleetShare implements AutoCloseable {
    private static final long POLL_MILLIS = 200;
    private static final int LINK_THREADS = 2;

    private final GuardedProcess process;
    private final Path count;

    private FleetShare(GuardedProcess process, Path count) {
        this.process = process;
        this.count = count;
    }

    /**
     * @param first number of its first device
     * @param connection counter of its devices before their CONNECT
     * @param folder for its files
     */
    static FleetShare start(
            Surroundings around, Path publicKey, int first, int devices, long connection, double perSecond, Path folder)
            throws IOException {
        Path count = folder.resolve("share-connected");
        Files.deleteIfExists(count);
        return new FleetShare(
                GuardedProcess.start(
                        "fleet-share",
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-Xmx512m",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                                FleetShare.class.getName(),
                                around.host(),
                                Integer.toString(around.port()),
                                Long.toString(around.willDelay().toSeconds()),
                                publicKey.toString(),
                                Integer.toString(first),
                                Integer.toString(devices),
                                Long.toString(connection),
                                Double.toString(perSecond),
                                count.toString()),
                        Map.of(),
                        folder.resolve("fleet-share.log"),
                        "TERM"),
                count);
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        QuietLinks.quiet();
        int first = Integer.parseInt(arguments[4]);
        int devices = Integer.parseInt(arguments[5]);
        Surroundings around = new Surroundings(
                arguments[0],
                Integer.parseInt(arguments[1]),
                Duration.ofSeconds(Long.parseLong(arguments[2])),
                TrustedKeys.fromPem(Path.of(arguments[3])),
                100,
                new MqttThreads(LINK_THREADS),
                new Observer(first + devices));
        Fleet fleet = new Fleet(around, first, devices, Long.parseLong(arguments[6]));
        fleet.connect(Double.parseDouble(arguments[7]));
        while (true) {
            Files.writeString(Path.of(arguments[8]), Integer.toString(fleet.count(VirtualDevice::connected)));
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** How many of its devices are connected; 0 before the first has said so. */
    int connected() throws IOException {
        if (!process.alive()) {
            throw new IOException("the process with a share of the fleet has ended, see fleet-share.log");
        }
        String said = Files.exists(count) ? Files.readString(count).strip() : "";
        return said.isEmpty() ? 0 : Integer.parseInt(said);
    }

    /** {@code kill -9}. */
    void kill() throws InterruptedException {
        process.kill();
    }

    @Override
    public void close() throws InterruptedException {
        process.kill();
    }
}
