package io.cema.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.serving.AgentStatus;
import io.cema.edge.storage.DiskWatch;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.edge.update.ActiveModels;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.DeviceEvent;
import io.cema.protocol.message.Histogram;
import io.cema.protocol.message.ReportedSlot;
import io.cema.protocol.message.ReportedState;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.message.Slot;
import io.cema.protocol.message.SlotTelemetry;
import io.cema.protocol.message.Telemetry;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One agent with two models, each in a slot of its own, over a real broker. */
class SeveralModelsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String UPDATE = "01J00000000000000000000001";
    private static final String INDOORS = "indoors";

    private final CloudDouble cloud = new CloudDouble();
    private final EngineFactory engines = new OnnxRuntimeEngineFactory(1);
    private final OnnxModel secondModel = TestModels.preActivation();
    private ActiveModels models;
    private Map<String, String> settings;
    private ModelManifest second;
    private EdgeAgent agent;

    @BeforeEach
    void openCloud() {
        settings = new HashMap<>(cloud.open());
        cloud.breakingOff = false;
        second = cloud.offer("second", secondModel);
    }

    @AfterEach
    void closeAll() {
        if (agent != null) {
            agent.close();
        }
        cloud.stop();
    }

    @Test
    void twoSlots_areBothServedByNameAndReported() throws IOException {
        startAgent();

        wish(1, first(), indoors(second));

        patiently().until(() -> serves("residual") && serves("second") && serves(second.digest()));
        patiently().untilAsserted(() -> assertThat(reportedSlots())
                .containsExactly(CloudDouble.COHORT + " " + cloud.manifest.digest(), INDOORS + " " + second.digest()));
        assertThat(lastReported().getDesiredVersion()).isEqualTo(1);
        assertThat(lastReported().getCapabilitiesList()).contains("slots:several");
    }

    @Test
    void update_ofOneCohort_changesThatSlotAlone() throws IOException {
        startAgent();
        wish(1, first(), indoors(second));
        patiently().until(() -> inForce(1));
        InUse firstBefore = inUse(CloudDouble.COHORT);

        cloud.update(INDOORS, second, UPDATE, 1, TestModels.difference(secondModel.affine(), .02, 1));

        patiently().until(() -> status(INDOORS).update().equals(UPDATE));
        assertThat(inUse(CloudDouble.COHORT)).isEqualTo(firstBefore);
        assertThat(status(INDOORS).updatesApplied()).isEqualTo(1);
        assertThat(status(CloudDouble.COHORT).updatesApplied()).isZero();
        patiently().until(() -> cloud.events.stream()
                .anyMatch(e -> e.getType() == DeviceEvent.Type.APPLIED
                        && e.getUpdateVersion().equals(UPDATE)
                        && e.getCohort().equals(INDOORS)
                        && e.getModelDigest().equals(second.digest())));
    }

    @Test
    void slotAdded_leavesTheOtherWithTheEngineItHas() throws IOException {
        startAgent();
        wish(1, first());
        patiently().until(() -> inForce(1));
        InUse before = inUse(CloudDouble.COHORT);

        wish(2, first(), indoors(second));

        patiently().until(() -> inForce(2));
        assertThat(inUse(CloudDouble.COHORT)).isEqualTo(before);
    }

    @Test
    void slotTakenAway_leavesTheOtherServing() throws IOException {
        startAgent();
        wish(1, first(), indoors(second));
        patiently().until(() -> inForce(1));
        InUse before = inUse(INDOORS);

        wish(2, indoors(second));

        patiently().until(() -> inForce(2) && reportedSlots().size() == 1);
        assertThat(serves("residual")).isFalse();
        assertThat(inUse(INDOORS)).isEqualTo(before);
    }

    @Test
    void movedToAnotherCohort_theModelServesOnMeanwhile() throws IOException {
        startAgent();
        wish(1, first(), indoors(second));
        patiently().until(() -> inForce(1));
        InUse before = inUse(CloudDouble.COHORT);

        wish(2, first(), CloudDouble.slot("fog-west", second));

        patiently().until(() -> inForce(2) && reportedSlots().contains("fog-west " + second.digest()));
        assertThat(serves("second")).isTrue();
        assertThat(inUse(CloudDouble.COHORT)).isEqualTo(before);
        assertThat(cloud.events)
                .filteredOn(e -> e.getType() == DeviceEvent.Type.VERIFIED
                        && e.getModelDigest().equals(second.digest()))
                .hasSize(1);
    }

    @Test
    void startWithoutNetwork_servesBothWithTheirUpdates() throws IOException {
        startAgent();
        wish(1, first(), indoors(second));
        patiently().until(() -> inForce(1));
        cloud.update(INDOORS, second, UPDATE, 1, TestModels.difference(secondModel.affine(), .02, 1));
        patiently().until(() -> status(INDOORS).update().equals(UPDATE));
        agent.close();
        cutOff();

        startAgent();

        patiently().until(() -> serves("residual") && serves("second"));
        assertThat(agent.status().connected()).isFalse();
        assertThat(status(INDOORS).update()).isEqualTo(UPDATE);
    }

    @Test
    void startWithoutNetwork_modelOfOneSlotDamaged_theOtherServesAndItIsSaid() throws IOException {
        startAgent();
        wish(1, first(), indoors(second));
        patiently().until(() -> inForce(1));
        agent.close();
        cutOff();
        damageModel(second);

        startAgent();

        patiently().until(() -> serves("residual"));
        patiently().untilAsserted(() -> assertThat(agent.status().problem())
                .startsWith("slot " + INDOORS + ": artefact " + second.digest())
                .contains("cannot be reached"));
        assertThat(serves("second")).isFalse();
    }

    @Test
    void standBy_servesAllSlotsFromDisk_andTheAgentTakesThemOver() throws IOException {
        startAgent();
        wish(1, first(), indoors(second));
        patiently().until(() -> inForce(1));
        cloud.update(INDOORS, second, UPDATE, 1, TestModels.difference(secondModel.affine(), .02, 1));
        patiently().until(() -> status(INDOORS).update().equals(UPDATE));
        agent.close();
        models = new ActiveModels();
        EdgeSettings read = Agents.read(settings);
        DiskWatch disk = new DiskWatch(read.dataDir(), 0);

        Standby standby = new Standby(read, disk, models, engines, () -> {});

        standby.serve();

        assertThat(standby.status().slots())
                .extracting(AgentStatus.Slot::slot, AgentStatus.Slot::modelDigest, AgentStatus.Slot::update)
                .containsExactly(
                        tuple(CloudDouble.COHORT, cloud.manifest.digest(), ""),
                        tuple(INDOORS, second.digest(), UPDATE));
        ActiveModelHolder before = models.holder(Optional.of(INDOORS)).orElseThrow();
        agent = Agents.open(settings, engines, models, Optional.empty());
        agent.start();
        patiently().until(() -> status(INDOORS).model().state().equals("APPLIED"));
        assertThat(models.holder(Optional.of(INDOORS))).containsSame(before);
        assertThat(serves("residual") && serves("second")).isTrue();
        disk.close();
    }

    @Test
    void standBy_modelOfOneSlotDamaged_theOtherServesAndItIsSaid_untilTheAgentFetchesItAnew() throws IOException {
        startAgent();
        wish(1, first(), indoors(second));
        patiently().until(() -> inForce(1));
        agent.close();
        damageModel(second);
        models = new ActiveModels();
        EdgeSettings read = Agents.read(settings);
        DiskWatch disk = new DiskWatch(read.dataDir(), 0);
        Standby standby = new Standby(read, disk, models, engines, () -> {});

        standby.serve();

        assertThat(serves("residual")).isTrue();
        assertThat(serves("second")).isFalse();
        assertThat(standby.status().problem()).contains("slot " + INDOORS, second.digest(), "fetched anew");
        assertThat(standby.status().slots())
                .extracting(AgentStatus.Slot::slot, slot -> slot.model().state())
                .containsExactly(tuple(CloudDouble.COHORT, "APPLIED"), tuple(INDOORS, "FAILED"));
        assertThat(standby.status().disk().damagedFiles()).isEqualTo(1);
        agent = Agents.open(settings, engines, models, Optional.empty());
        agent.start();
        patiently().until(() -> serves("residual") && serves("second"));
        disk.close();
    }

    @Test
    void modelThatDoesNotLoad_isReportedFailedWhileTheOtherServes_alsoAfterAStartWithoutNetwork() throws IOException {
        ModelManifest broken = brokenModel();
        startAgent();

        wish(1, first(), indoors(broken));

        patiently().until(() -> cloud.events.stream()
                .anyMatch(e -> e.getType() == DeviceEvent.Type.FAILED
                        && e.getCohort().equals(INDOORS)
                        && !e.getReason().isEmpty()));
        patiently().until(() -> serves("residual"));
        patiently().untilAsserted(() -> assertThat(agent.status().problem()).startsWith("slot " + INDOORS + ": "));
        assertThat(status(INDOORS).model().state()).isEqualTo("FAILED");
        assertThat(status(CloudDouble.COHORT).model().state()).isEqualTo("APPLIED");
        patiently().until(() -> Files.exists(data().resolve("desired-partial.bin")));
        agent.close();
        cutOff();
        Files.write(data().resolve("desired-partial.bin"), new byte[3]);

        startAgent();

        patiently().until(() -> serves("residual"));
        assertThat(agent.status().disk().damagedFiles()).isEqualTo(1);
    }

    @Test
    void twoSlotsOfOneModel_theSecondIsRefused() throws IOException {
        startAgent();

        wish(1, first(), indoors(cloud.manifest));

        patiently().until(() -> cloud.events.stream()
                .anyMatch(e -> e.getType() == DeviceEvent.Type.FAILED
                        && e.getCohort().equals(INDOORS)
                        && e.getReason().contains(CloudDouble.COHORT)));
        patiently().until(() -> serves("residual"));
        assertThat(reportedSlots()).doesNotContain(INDOORS + " " + cloud.manifest.digest());
    }

    @Test
    void moreModelsThanTheLimit_areRefusedByName() throws IOException {
        settings.put("cema.inference.max-models", "1");
        startAgent();

        wish(1, first(), indoors(second));

        patiently().until(() -> cloud.events.stream()
                .anyMatch(e ->
                        e.getType() == DeviceEvent.Type.FAILED && e.getReason().contains("cema.inference.max-models")));
        patiently().until(() -> serves("residual"));
    }

    @Test
    void frames_goToTheConfiguredSlotAlone() throws IOException {
        settings.put("cema.frames.slot", INDOORS);
        startAgent();

        wish(1, first(), indoors(second));

        patiently().until(() -> cloud.parts.size() > 5);
        assertThat(cloud.parts)
                .extracting((SamplePart p) -> p.getInfo().getCohort())
                .containsOnly(INDOORS);
        assertThat(cloud.parts)
                .extracting((SamplePart p) -> p.getInfo().getModelDigest())
                .containsOnly(second.digest());
        patiently()
                .until(() ->
                        slotTelemetry(INDOORS).map(SlotTelemetry::getFrames).orElse(0L) > 0);
        assertThat(slotTelemetry(CloudDouble.COHORT).orElseThrow().getFrames()).isZero();
        assertThat(sum(slotTelemetry(INDOORS).orElseThrow().getCohortLatencyMs()))
                .isPositive();
        assertThat(sum(slotTelemetry(CloudDouble.COHORT).orElseThrow().getCohortLatencyMs()))
                .isZero();
    }

    private static long sum(Histogram histogram) {
        return histogram.getCountsList().stream().mapToLong(Long::longValue).sum();
    }

    /** Neither broker nor cloud can be reached from the next start on. */
    private void cutOff() {
        settings.put("cema.mqtt.port", "1");
        settings.put("cema.cloud.url", "http://localhost:1");
    }

    private Path data() {
        return Path.of(settings.get("cema.data-dir"));
    }

    /** Both of its copies. */
    private void damageModel(ModelManifest model) throws IOException {
        for (String suffix : List.of("", ".copy")) {
            Files.write(data().resolve("models").resolve(model.digest() + suffix), new byte[100]);
        }
    }

    private Optional<SlotTelemetry> slotTelemetry(String cohort) {
        List<Telemetry> all = cloud.telemetry;
        return all.isEmpty()
                ? Optional.empty()
                : all.get(all.size() - 1).getSlotsList().stream()
                        .filter(s -> s.getCohort().equals(cohort))
                        .findFirst();
    }

    /** The artefact is what its digest says, and no model. */
    private ModelManifest brokenModel() {
        byte[] bytes = "no model at all".getBytes(StandardCharsets.US_ASCII);
        ModelManifest good = TestModels.manifest("broken", secondModel);
        ModelManifest broken = new ModelManifest(
                TestModels.sha256(bytes),
                good.name(),
                bytes.length,
                good.opset(),
                good.inputName(),
                good.height(),
                good.width(),
                good.outputName(),
                good.classes(),
                good.labels(),
                good.preprocessing(),
                good.layers());
        cloud.artefacts.put(broken.digest(), bytes);
        cloud.artefacts.put(TestModels.sha256(broken.toJson()), broken.toJson());
        return broken;
    }

    /** Which engine a slot runs on; another one after each change. */
    private record InUse(int engine) {}

    private InUse inUse(String slot) {
        try (ActiveModelHolder.Lease lease = models.holder(Optional.of(slot))
                .flatMap(ActiveModelHolder::lease)
                .orElseThrow()) {
            return new InUse(System.identityHashCode(lease.model()));
        }
    }

    private boolean serves(String name) {
        Optional<ActiveModelHolder.Lease> lease = models.lease(name);
        lease.ifPresent(ActiveModelHolder.Lease::close);
        return lease.isPresent();
    }

    private AgentStatus.Slot status(String slot) {
        return agent.status().slots().stream()
                .filter(s -> s.slot().equals(slot))
                .findFirst()
                .orElseThrow();
    }

    private void startAgent() throws IOException {
        models = new ActiveModels();
        agent = Agents.open(settings, engines, models, Optional.empty());
        agent.start();
    }

    private void wish(long version, Slot... slots) {
        cloud.wish(DesiredState.newBuilder()
                .setVersion(version)
                .addAllSlots(List.of(slots))
                .build());
    }

    private Slot first() {
        return CloudDouble.slot(cloud.manifest);
    }

    private static Slot indoors(ModelManifest manifest) {
        return CloudDouble.slot(INDOORS, manifest);
    }

    private boolean inForce(long version) {
        return !cloud.reported.isEmpty() && lastReported().getDesiredVersion() == version;
    }

    private ReportedState lastReported() {
        return cloud.reported.get(cloud.reported.size() - 1);
    }

    private List<String> reportedSlots() {
        return cloud.reported.isEmpty()
                ? List.of()
                : lastReported().getSlotsList().stream()
                        .map((ReportedSlot s) -> s.getCohort() + " " + s.getModelDigest())
                        .toList();
    }

    private static ConditionFactory patiently() {
        return await().atMost(PATIENCE);
    }
}
