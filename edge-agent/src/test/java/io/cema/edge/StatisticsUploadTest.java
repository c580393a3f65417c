package io.cema.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.edge.frame.Frame;
import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.serving.ServedImages;
import io.cema.edge.update.ModelOrigin;
import io.cema.protocol.image.Image;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.message.ReportedState;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.message.SelectionPolicy;
import io.cema.protocol.message.StatisticsReport;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.Renormalisation;
import io.cema.protocol.onnx.StatisticsCodec;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an agent lets out under each policy, as seen at a real broker: a camera and an application feed it meanwhile. */
class StatisticsUploadTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String OTHER = "indoors";

    private final CloudDouble cloud = new CloudDouble();
    private Map<String, String> settings;
    private EdgeAgent agent;

    @BeforeEach
    void openCloud() {
        settings = new HashMap<>(cloud.open());
        settings.put("cema.uplink.statistics-frames", "32");
        settings.put("cema.uplink.statistics-interval", "0s");
    }

    @AfterEach
    void closeAll() {
        if (agent != null) {
            agent.close();
        }
        cloud.stop();
    }

    @Test
    void statisticsAlone_reportsComeAndNoByteOfAnImage_untilImagesAreAllowed() throws IOException {
        start(new OnnxRuntimeEngineFactory(1));
        wish(1, SelectionPolicy.Upload.STATISTICS_ALONE);

        await().atMost(PATIENCE).until(() -> cloud.statistics.size() >= 3);
        long before = agent.status().frames();
        serve(40);
        await().atMost(PATIENCE).until(() -> agent.status().frames() >= before + 200 && cloud.statistics.size() >= 6);

        assertThat(cloud.parts).isEmpty();
        assertThat(agent.status().spool().images()).isZero();
        assertThat(agent.status().skipped().get("UPLOAD_POLICY")).isPositive();
        assertThat(cloud.statistics).allSatisfy(this::isSound);
        assertThat(new HashSet<>(cloud.statistics.stream()
                        .map(StatisticsReport::getReportId)
                        .toList()))
                .hasSameSizeAs(cloud.statistics);
        assertThat(last().getCapabilitiesList()).contains("statistics:batch-norm");

        wish(2, SelectionPolicy.Upload.IMAGES);
        await().atMost(PATIENCE).until(() -> !cloud.parts.isEmpty());
        int reports = cloud.statistics.size();
        await().atMost(PATIENCE).until(() -> cloud.parts.size() > 5);
        assertThat(cloud.statistics.size()).as("at most one was on its way").isLessThanOrEqualTo(reports + 1);
    }

    @Test
    void noUpload_nothingLeaves() throws IOException {
        start(new OnnxRuntimeEngineFactory(1));
        wish(1, SelectionPolicy.Upload.NO_UPLOAD);

        await().atMost(PATIENCE).until(() -> agent.status().frames() >= 200);

        assertThat(cloud.statistics).isEmpty();
        assertThat(cloud.parts).isEmpty();
    }

    @Test
    void twoSlots_eachReportIsOfOneOfThemAlone() throws IOException {
        OnnxModel otherModel = TestModels.preActivation();
        ModelManifest other = cloud.offer("second", otherModel);
        start(new OnnxRuntimeEngineFactory(1));
        wishBoth(1, other, SelectionPolicy.Upload.STATISTICS_ALONE);

        await().atMost(PATIENCE).until(() -> {
            serveOther(other);
            return reports(CloudDouble.COHORT) >= 3 && reports(OTHER) >= 3;
        });

        assertThat(cloud.parts).isEmpty();
        assertThat(cloud.statistics).allSatisfy(report -> {
            boolean own = report.getCohort().equals(CloudDouble.COHORT);
            isSound(report, own ? cloud.manifest : other, own ? cloud.model : otherModel, report.getCohort());
        });
    }

    @Test
    void twoSlots_oneLetsImagesOutTheOtherStatistics() throws IOException {
        ModelManifest other = cloud.offer("second", TestModels.preActivation());
        start(new OnnxRuntimeEngineFactory(1));
        wishBoth(1, other, SelectionPolicy.Upload.IMAGES);

        await().atMost(PATIENCE).until(() -> {
            serveOther(other);
            return reports(CloudDouble.COHORT) >= 3 && !cloud.parts.isEmpty();
        });

        assertThat(reports(OTHER)).isZero();
        assertThat(cloud.parts)
                .extracting((SamplePart p) -> p.getInfo().getCohort())
                .containsOnly(OTHER);
    }

    /** As on TensorRT. */
    @Test
    void engineWithoutStatistics_saysSoAndLetsNothingOut() throws IOException {
        OnnxRuntimeEngineFactory real = new OnnxRuntimeEngineFactory(1);
        start(new EngineFactory() {
            @Override
            public String engineName() {
                return real.engineName();
            }

            @Override
            public InferenceEngine open(byte[] onnx) {
                return real.open(onnx);
            }
        });
        wish(1, SelectionPolicy.Upload.STATISTICS_ALONE);

        await().atMost(PATIENCE).until(() -> agent.status().frames() >= 100);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(last().getProblem())
                .contains("statistics are not available on this engine"));
        assertThat(last().getCapabilitiesList()).contains("statistics:not-available-on-this-engine");
        assertThat(cloud.statistics).isEmpty();
        assertThat(cloud.parts).isEmpty();
    }

    private void isSound(StatisticsReport report) {
        isSound(report, cloud.manifest, cloud.model, CloudDouble.COHORT);
    }

    private static void isSound(StatisticsReport report, ModelManifest manifest, OnnxModel model, String cohort) {
        assertThat(report.getFrames()).isEqualTo(32);
        assertThat(report.getModelDigest()).isEqualTo(manifest.digest());
        assertThat(report.getCohort()).isEqualTo(cohort);
        assertThat(report.getClassesList().stream().mapToInt(Integer::intValue).sum())
                .isEqualTo(32);
        assertThat(report.getRenormalisedClassesList().stream()
                        .mapToInt(Integer::intValue)
                        .sum())
                .isEqualTo(32);
        StatisticsCodec.decode(report.getStatistics().toByteArray(), new Renormalisation(model).source())
                .requireSound();
    }

    private void start(EngineFactory engines) throws IOException {
        agent = Agents.open(settings, engines, Optional.empty());
        agent.start();
    }

    private void wish(long version, SelectionPolicy.Upload upload) {
        cloud.wish(DesiredState.newBuilder()
                .setVersion(version)
                .addSlots(CloudDouble.slot(cloud.manifest).toBuilder()
                        .setSelection(SelectionPolicy.newBuilder().setUpload(upload)))
                .build());
    }

    private void wishBoth(long version, ModelManifest other, SelectionPolicy.Upload ofOther) {
        cloud.wish(DesiredState.newBuilder()
                .setVersion(version)
                .addSlots(CloudDouble.slot(cloud.manifest).toBuilder()
                        .setSelection(SelectionPolicy.newBuilder().setUpload(SelectionPolicy.Upload.STATISTICS_ALONE)))
                .addSlots(CloudDouble.slot(OTHER, other).toBuilder()
                        .setSelection(SelectionPolicy.newBuilder().setUpload(ofOther)))
                .build());
    }

    private long reports(String cohort) {
        return cloud.statistics.stream()
                .filter(report -> report.getCohort().equals(cohort))
                .count();
    }

    private ReportedState last() {
        return cloud.reported.get(cloud.reported.size() - 1);
    }

    private void serveOther(ModelManifest other) {
        serve(16, other, OTHER);
    }

    /** As an application's photos, answered. */
    private void serve(int photos) {
        serve(photos, cloud.manifest, CloudDouble.COHORT);
    }

    private void serve(int photos, ModelManifest manifest, String cohort) {
        Random random = new Random(4);
        for (int i = 0; i < photos; i++) {
            Image image = CloudDouble.image(random);
            agent.servedImages()
                    .served(new ServedImages.Served(
                            Optional.of(new ServedImages.Photo(
                                    image, new Frame.Encoded(ImageFormat.PNG, new byte[] {1, 2, 3}))),
                            TestModels.colouredInput(i),
                            new float[TestModels.CLASSES],
                            1,
                            manifest,
                            ModelOrigin.base(cohort, "stable"),
                            1));
        }
    }
}
