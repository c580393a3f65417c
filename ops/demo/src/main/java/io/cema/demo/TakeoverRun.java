package io.cema.demo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.cema.bench.image.LabelledImage;
import io.cema.ops.scale.SideProcess;
import io.cema.ops.stack.StackProcess;
import io.cema.protocol.image.Image;
import io.cema.protocol.signature.TrustedKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Two cloud services over one database, a stream of samples, and the end of the one that owns the loop. Everything is a
 * process of its own; all of them end with {@link #close}.
 */
final class TakeoverRun implements AutoCloseable {
    private static final String COHORT = "contested";
    private static final int IMAGES = 256;
    /** Fewer fresh samples wait for more, by the default cadence. */
    private static final int SMALLEST_BATCH = 16;

    private static final Duration PATIENCE = Duration.ofSeconds(300);

    /**
     * What is run.
     *
     * @param kafka samples go over Kafka, else directly
     * @param s3 artefacts lie in a bucket, else in a folder that both processes share
     * @param pause the owner is stopped with SIGSTOP and goes on later, else killed
     * @param perSecond samples, over all devices
     * @param resendAfter as long as a device waits for the cloud's word
     */
    record Plan(
            boolean kafka,
            boolean s3,
            boolean pause,
            int devices,
            double perSecond,
            Duration before,
            Duration after,
            Duration resendAfter) {}

    /**
     * What came of it; times since the signal, in milliseconds.
     *
     * @param leaseMillis until the other process held the loop
     * @param stepMillis until it had taken a step
     * @param ackMillis until a device was told of a sample again
     * @param lost samples that were acknowledged and are not stored
     */
    record Result(
            String owner,
            String successor,
            double leaseMillis,
            double stepMillis,
            double ackMillis,
            int sent,
            int acknowledged,
            int refused,
            int stored,
            int trained,
            int untrained,
            List<String> lost,
            List<String> trainedTwice,
            List<String> writtenByFormerOwners,
            List<String> revisionsOutOfOrder,
            double drainMillis) {
        boolean holds() {
            return lost.isEmpty()
                    && trainedTwice.isEmpty()
                    && writtenByFormerOwners.isEmpty()
                    && revisionsOutOfOrder.isEmpty()
                    && refused == 0
                    && acknowledged == sent;
        }
    }

    private final Path root;
    private final Path folder;
    private final Plan plan;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final Map<String, CloudProcess> clouds = new HashMap<>();
    private final List<LoadDevice> devices = new ArrayList<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final AtomicLong frames = new AtomicLong();
    private List<LabelledImage> images;
    private LoopWitness witness;

    TakeoverRun(Path root, Path folder, Plan plan) {
        this.root = root;
        this.folder = folder;
        this.plan = plan;
    }

    Result run() throws Exception {
        DemoInput input = DemoInput.signs(root, 7, Optional.empty());
        images = input.supply().draw(IMAGES, new SplittableRandom(7));
        StackProcess stack = opened(StackProcess.start(folder.resolve("stack")));
        startClouds(stack);
        String model = register(input);
        witness = opened(new LoopWitness(stack));
        witness.countTraining();
        connect(stack, model);
        clock.scheduleAtFixedRate(this::sendNext, 0, (long) (1e9 / plan.perSecond()), TimeUnit.NANOSECONDS);
        clock.scheduleWithFixedDelay(() -> devices.forEach(LoadDevice::resend), 1, 1, TimeUnit.SECONDS);
        await("a first step", () -> witness.standing().step() > 0);
        TimeUnit.MILLISECONDS.sleep(plan.before().toMillis());

        LoopWitness.Standing before = witness.standing();
        CloudProcess owner = clouds.get(before.instance());
        long signalled = System.nanoTime();
        if (plan.pause()) {
            owner.pause();
        } else {
            owner.kill();
        }
        Map<String, Double> moments = watch(before, signalled);
        TimeUnit.MILLISECONDS.sleep(plan.after().toMillis());
        LoopWitness.Standing after = witness.standing();
        if (plan.pause()) {
            owner.resume();
            TimeUnit.MILLISECONDS.sleep(plan.after().toMillis());
        }
        frames.set(Long.MIN_VALUE); // no more
        long stopped = System.nanoTime();
        await("every sample is acknowledged", () -> devices.stream().allMatch(device -> device.waiting() == 0));
        double drained = millisSince(stopped);
        await("all but less than a batch is taken by steps", () -> witness.untrained() < SMALLEST_BATCH);
        return result(before, after, moments, drained);
    }

    private void startClouds(StackProcess stack) throws IOException, InterruptedException {
        Map<String, String> settings = new HashMap<>(Map.of(
                "cema.mqtt.port", Integer.toString(stack.brokerPort()),
                "cema.database.port", Integer.toString(stack.databasePort()),
                "cema.adaptation.threads", "1"));
        if (plan.kafka()) {
            SideProcess kafka = opened(SideProcess.kafka(folder.resolve("kafka")));
            settings.put("cema.samples.transport", "kafka");
            settings.put("cema.kafka.servers", kafka.address());
        }
        if (plan.s3()) {
            SideProcess s3 = opened(SideProcess.s3(folder.resolve("s3")));
            settings.putAll(Map.of(
                    "cema.artefacts.store", "s3",
                    "cema.artefacts.s3.endpoint", "http://" + s3.address(),
                    "cema.artefacts.s3.bucket", SideProcess.BUCKET,
                    "cema.artefacts.s3.access-key", SideProcess.ACCESS_KEY,
                    "cema.artefacts.s3.secret-key", SideProcess.SECRET_KEY));
        }
        Path data = Files.createDirectories(folder.resolve("cloud"));
        for (String instance : List.of("cloud-a", "cloud-b")) {
            clouds.put(instance, opened(new CloudProcess(root, instance, data, folder, settings)));
        }
        for (CloudProcess cloud : clouds.values()) {
            cloud.awaitReady();
        }
    }

    private String register(DemoInput input) throws IOException, InterruptedException {
        CloudClient client = clouds.get("cloud-a").client();
        List<String> labels = input.supply().labels();
        String edge = client.registerModel("edge", input.edgeModel(), input.mean(), input.std(), labels);
        String foundation =
                client.registerModel("foundation", input.foundationModel(), input.mean(), input.std(), labels);
        client.createPair("signs", edge, foundation);
        client.createCohort(COHORT, "signs", names(), JsonNodeFactory.instance.objectNode());
        return edge;
    }

    private List<String> names() {
        return IntStream.range(0, plan.devices()).mapToObj(i -> "cam-" + i).toList();
    }

    private void connect(StackProcess stack, String model) throws Exception {
        TrustedKeys keys = TrustedKeys.fromPem(folder.resolve("cloud/signing-key.pub.pem"));
        for (String name : names()) {
            devices.add(opened(
                    new LoadDevice(stack.host(), stack.brokerPort(), name, COHORT, model, keys, plan.resendAfter())));
        }
        await("every device is connected", () -> devices.stream().allMatch(LoadDevice::connected));
    }

    private void sendNext() {
        long frame = frames.getAndIncrement();
        if (frame < 0) {
            return;
        }
        LabelledImage drawn = images.get((int) (frame % images.size()));
        byte[] rgb = drawn.image().rgb().clone();
        for (int i = 0; i < 4; i++) { // every upload an image of its own
            rgb[i] = (byte) (frame >>> 8 * i);
        }
        devices.get((int) (frame % devices.size()))
                .send(new Image(drawn.image().width(), drawn.image().height(), rgb), drawn.label(), frame);
    }

    /** When the other had the lease, had taken a step, and a device was told of a sample. */
    private Map<String, Double> watch(LoopWitness.Standing before, long signalled) throws Exception {
        Map<String, Double> moments = new HashMap<>();
        await("another process takes the loop, steps and acknowledges", () -> {
            LoopWitness.Standing now = witness.standing();
            if (now.fencing() > before.fencing()) {
                moments.putIfAbsent("lease", millisSince(signalled));
                moments.putIfAbsent("step at take-over", (double) now.step());
                if (now.step() > moments.get("step at take-over")) {
                    moments.putIfAbsent("step", millisSince(signalled));
                }
            }
            devices.stream()
                    .mapToLong(LoadDevice::lastAckNanos)
                    .filter(at -> at - signalled > Duration.ofMillis(200).toNanos()) // not what was under way
                    .min()
                    .ifPresent(at -> moments.putIfAbsent("ack", (at - signalled) / 1e6));
            return moments.containsKey("step") && moments.containsKey("ack");
        });
        return moments;
    }

    private Result result(
            LoopWitness.Standing before, LoopWitness.Standing after, Map<String, Double> moments, double drained)
            throws SQLException {
        Set<String> acknowledged = new HashSet<>();
        devices.forEach(device -> acknowledged.addAll(device.acknowledged()));
        Set<String> stored = witness.stored();
        Set<String> lost = new HashSet<>(acknowledged);
        lost.removeAll(stored);
        return new Result(
                before.instance(),
                after.instance(),
                moments.get("lease"),
                moments.get("step"),
                moments.get("ack"),
                devices.stream().mapToInt(LoadDevice::sent).sum(),
                acknowledged.size(),
                devices.stream().mapToInt(device -> device.refused().size()).sum(),
                stored.size(),
                witness.trained(),
                witness.untrained(),
                lost.stream().sorted().toList(),
                witness.trainedTwice(),
                witness.writtenByFormerOwners(),
                witness.revisionsOutOfOrder(),
                drained);
    }

    private static double millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e6;
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private void await(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new DemoException(
                        "not so after " + PATIENCE.toSeconds() + " s: " + what + "; the logs are in " + folder);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }

    @Override
    public void close() {
        clock.shutdownNow();
        Collections.reverse(opened);
        for (AutoCloseable resource : opened) {
            try {
                resource.close();
            } catch (Exception e) {
                System.err.println("takeover: " + resource + " is not closed: " + e.getMessage());
            }
        }
        opened.clear();
    }
}
