package io.cema.cloud.rollout.model;

import io.cema.cloud.TestDevice;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Histogram;
import io.cema.protocol.message.ReportedSlot;
import io.cema.protocol.message.ReportedState;
import io.cema.protocol.message.SampleInfo;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.message.Telemetry;
import io.cema.protocol.message.UploadReason;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Devices that obey their desired state over MQTT sessions of their own. They have no network: what the teacher thinks of
 * their uploads is written by the test. Moved on by {@link #live}, in the test's thread.
 */
final class ModelFleet implements AutoCloseable {
    /** How a device takes to a model. */
    enum Manner {
        WORKS,
        SLOW,
        FAILS
    }

    private final String cohort;
    private final Map<String, Manner> manners = new HashMap<>();
    private final List<Agent> agents = new ArrayList<>();

    ModelFleet(String cohort, List<String> devices, Function<String, TestDevice> connect) {
        this.cohort = cohort;
        devices.forEach(device -> add(device, connect));
    }

    void add(String device, Function<String, TestDevice> connect) {
        agents.add(new Agent(device, connect.apply(device)));
    }

    void manner(String model, Manner manner) {
        manners.put(model, manner);
    }

    /** Every device obeys what it was told last. */
    void obey() {
        agents.forEach(Agent::obey);
    }

    /** Obeys; then every device with the model sends an upload, and as many others next to it, and all send telemetry. */
    void live(String model) {
        obey();
        List<Agent> with = agents.stream().filter(a -> a.model.equals(model)).toList();
        List<Agent> others = agents.stream()
                .filter(a -> !a.model.isEmpty() && !a.model.equals(model))
                .toList();
        for (int i = 0; i < Math.max(with.size(), Math.min(others.size(), 10)) && i < 10; i++) {
            if (!with.isEmpty()) {
                with.get(i % with.size()).upload();
            }
            if (!others.isEmpty()) {
                others.get(i % others.size()).upload();
            }
        }
        agents.forEach(Agent::telemetry);
    }

    /** Devices whose newest desired state names the model. */
    long desiring(String model) {
        return agents.stream().filter(a -> a.desired().equals(model)).count();
    }

    /** Devices that run it. */
    long running(String model) {
        return agents.stream().filter(a -> a.model.equals(model)).count();
    }

    /** The revisions at or below which those that are to have the model refuse its updates. */
    List<Long> floors(String model) {
        return agents.stream()
                .filter(a -> a.desired().equals(model))
                .map(a -> a.link.newest(DeviceLeaf.DESIRED, DesiredState.getDefaultInstance())
                        .orElseThrow()
                        .getSlots(0)
                        .getFloor()
                        .getRevision())
                .toList();
    }

    @Override
    public void close() {
        agents.forEach(a -> a.link.close());
    }

    private final class Agent {
        private final String id;
        private final TestDevice link;
        private String model = "";
        private long answered;
        private long sequence;
        private long frame;
        private final long[] latency = new long[3];

        Agent(String id, TestDevice link) {
            this.id = id;
            this.link = link;
        }

        String desired() {
            return link.newest(DeviceLeaf.DESIRED, DesiredState.getDefaultInstance())
                    .filter(d -> d.getSlotsCount() == 1)
                    .map(d -> d.getSlots(0).getModelDigest())
                    .orElse("");
        }

        void obey() {
            link.newest(DeviceLeaf.DESIRED, DesiredState.getDefaultInstance())
                    .filter(d -> d.getVersion() > answered)
                    .ifPresent(d -> {
                        answered = d.getVersion();
                        take(d);
                    });
        }

        private void take(DesiredState desired) {
            String wished =
                    desired.getSlotsCount() == 0 ? "" : desired.getSlots(0).getModelDigest();
            if (!wished.isEmpty() && !wished.equals(model)) {
                tell(DeviceEvent.Type.DOWNLOADING, wished, "");
                if (manners.getOrDefault(wished, Manner.WORKS) == Manner.FAILS) {
                    tell(DeviceEvent.Type.FAILED, wished, "the engine refuses it");
                    report("the engine refuses it");
                    return;
                }
                tell(DeviceEvent.Type.DOWNLOADED, wished, "");
                tell(DeviceEvent.Type.VERIFIED, wished, "");
                tell(DeviceEvent.Type.APPLIED, wished, "");
            }
            model = wished;
            report("");
        }

        void tell(DeviceEvent.Type type, String about, String reason) {
            link.send(
                    DeviceLeaf.EVENT,
                    DeviceEvent.newBuilder()
                            .setType(type)
                            .setSubject("model")
                            .setModelDigest(about)
                            .setCohort(cohort)
                            .setReason(reason)
                            .setConnection(1)
                            .setSequence(++sequence)
                            .build());
        }

        private void report(String problem) {
            ReportedState.Builder state = ReportedState.newBuilder()
                    .setDesiredVersion(answered)
                    .setConnection(1)
                    .setSequence(++sequence)
                    .setProblem(problem);
            if (!model.isEmpty()) {
                state.addSlots(ReportedSlot.newBuilder()
                        .setModelDigest(model)
                        .setCohort(cohort)
                        .setChannel("stable"));
            }
            link.sendRetained(DeviceLeaf.REPORTED, state.build());
        }

        void upload() {
            SamplePart part = TestDevice.sample(cohort, model, (long) id.hashCode() << 32 | frame);
            SampleInfo info = part.getInfo().toBuilder()
                    .setReason(UploadReason.RANDOM)
                    .setFrame(frame++)
                    .build();
            link.send(DeviceLeaf.SAMPLES, part.toBuilder().setInfo(info).build());
        }

        void telemetry() {
            latency[manners.getOrDefault(model, Manner.WORKS) == Manner.SLOW ? 1 : 0] += 1_000;
            Histogram.Builder histogram = Histogram.newBuilder().addBounds(10).addBounds(100);
            for (long count : latency) {
                histogram.addCounts(count);
            }
            link.send(
                    DeviceLeaf.TELEMETRY,
                    Telemetry.newBuilder()
                            .setStartId("start")
                            .setConnection(1)
                            .setSequence(++sequence)
                            .setLatencyMs(histogram)
                            .build());
        }
    }

    /** Says something more of a model for every device that runs it. */
    void tellAll(DeviceEvent.Type type, String model, String reason) {
        agents.stream().filter(a -> a.model.equals(model)).forEach(a -> a.tell(type, model, reason));
    }
}
