package io.cema.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.edge.device.AgentMetrics;
import io.cema.edge.device.DeviceIdentity;
import io.cema.edge.frame.Frame;
import io.cema.edge.inference.Prediction;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.selection.SampleSelector;
import io.cema.edge.selection.SelectionSettings;
import io.cema.edge.serving.PredictionRecord;
import io.cema.edge.serving.PredictionSink;
import io.cema.edge.serving.UpdateRecord;
import io.cema.edge.statistics.StatisticsSettings;
import io.cema.edge.statistics.StatisticsUplink;
import io.cema.edge.storage.DiskWatch;
import io.cema.edge.update.ModelOrigin;
import io.cema.edge.update.ShadowFrames;
import io.cema.edge.uplink.ByteBudget;
import io.cema.edge.uplink.QuietHours;
import io.cema.edge.uplink.SampleSender;
import io.cema.edge.uplink.SampleSpool;
import io.cema.edge.uplink.SpooledSample;
import io.cema.edge.uplink.UplinkGate;
import io.cema.edge.uplink.UplinkSettings;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.message.SelectionPolicy;
import io.cema.protocol.model.ModelManifest;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.MqttLinkSettings;
import io.cema.protocol.signature.SigningKey;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.trace.Tracing;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of an image gets into the spool; the first of a domain is always selected. */
class LearningTest {
    private static final ModelManifest MANIFEST = TestModels.manifest("residual", TestModels.residual());
    private static final Image IMAGE =
            new Image(TestModels.SIZE, TestModels.SIZE, new byte[3 * TestModels.SIZE * TestModels.SIZE]);
    private static final RawFrames LOSSLESS = new RawFrames(RawFrames.Format.LOSSLESS, 90);

    @TempDir
    Path folder;

    private final AgentMetrics metrics = new AgentMetrics();
    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private Tracing tracing = Tracing.off();
    private SampleSpool spool;

    @Test
    void predicted_frameWithItsFile_isSpooledByteForByte() throws IOException {
        // Not even a JPEG file: nobody looks into it on the way.
        Frame.Encoded file = new Frame.Encoded(ImageFormat.JPEG, new byte[] {1, 2, 3});

        learn(UplinkGate.Upload.IMAGES, LOSSLESS, Optional.of(file));

        assertThat(spooled().image()).isEqualTo(file.bytes());
        assertThat(spooled().info().getFormat()).isEqualTo(ImageFormat.JPEG);
    }

    @Test
    void predicted_rawFrame_isSpooledWithoutLoss() throws IOException {
        learn(UplinkGate.Upload.IMAGES, LOSSLESS, Optional.empty());

        assertThat(spooled().info().getFormat()).isEqualTo(ImageFormat.RGB8_ZSTD);
        assertThat(ImageCodec.decode(ImageFormat.RGB8_ZSTD, spooled().image()).rgb())
                .isEqualTo(IMAGE.rgb());
    }

    @Test
    void predicted_rawFrameAndPolicyJpeg_isSpooledAsJpeg() throws IOException {
        learn(UplinkGate.Upload.IMAGES, new RawFrames(RawFrames.Format.JPEG, 80), Optional.empty());

        assertThat(spooled().info().getFormat()).isEqualTo(ImageFormat.JPEG);
        assertThat(ImageCodec.decode(ImageFormat.JPEG, spooled().image()).width())
                .isEqualTo(TestModels.SIZE);
    }

    @Test
    void predicted_uploadForbidden_isNotEvenSpooledButCounted() throws IOException {
        learn(UplinkGate.Upload.NONE, LOSSLESS, Optional.empty());

        assertThat(spool.images()).isZero();
        assertThat(metrics.skippedByReason()).containsEntry("UPLOAD_POLICY", 1L);
        assertThat(metrics.frames()).isEqualTo(1);
    }

    @Test
    void predicted_tracedFrame_isSpooledWithItsTrace() throws IOException {
        tracing = Tracing.to(spans, "cema-edge", 1);

        learn(UplinkGate.Upload.IMAGES, LOSSLESS, Optional.empty());

        SpanData frame = spans.getFinishedSpanItems().get(0);
        assertThat(frame.getName()).isEqualTo("frame");
        assertThat(spooled().info().getTraceParent())
                .isEqualTo("00-" + frame.getTraceId() + "-" + frame.getSpanId() + "-01");
    }

    @Test
    void predicted_frameThatIsNotTraced_isSpooledWithoutOne() throws IOException {
        tracing = Tracing.to(spans, "cema-edge", 0);

        learn(UplinkGate.Upload.IMAGES, LOSSLESS, Optional.empty());

        assertThat(spooled().info().getTraceParent()).isEmpty();
    }

    private void learn(UplinkGate.Upload upload, RawFrames raw, Optional<Frame.Encoded> file) throws IOException {
        Clock clock = Clock.systemUTC();
        spool = SampleSpool.open(folder.resolve("spool"), 1 << 20, Duration.ofDays(1), clock);
        UplinkGate gate =
                new UplinkGate(upload, true, QuietHours.parse(List.of(), ZoneOffset.UTC), Optional.empty(), clock);
        gate.follow("fog-east", SelectionPolicy.getDefaultInstance());
        MqttLink link = MqttLink.create(MqttLinkSettings.of("localhost", 1, "never-started"));
        ByteBudget budget = ByteBudget.open(folder.resolve("budget"), 0, 0);
        DeviceIdentity identity = DeviceIdentity.open(folder, "default", "cam-1");
        try (StatisticsUplink statistics = new StatisticsUplink(
                        identity,
                        folder,
                        new OnnxRuntimeEngineFactory(1),
                        link,
                        budget,
                        gate,
                        new StatisticsSettings(64, Duration.ZERO),
                        metrics,
                        clock);
                SampleSender sender = new SampleSender(
                        spool,
                        link,
                        "samples",
                        TrustedKeys.of(SigningKey.generate().publicKey()),
                        budget,
                        gate,
                        new UplinkSettings(1, 1024, Duration.ofMinutes(1)),
                        clock,
                        Tracing.off().tracer())) {
            Learning learning = new Learning(
                    identity,
                    new ShadowFrames(4),
                    spool,
                    sender,
                    gate,
                    raw,
                    statistics,
                    new Nowhere(),
                    metrics,
                    new AgentMetrics(),
                    new DiskWatch(folder, 0),
                    tracing.tracer());
            learning.select(Optional.of(new SampleSelector(SelectionSettings.defaults(TestModels.CLASSES), 1)));
            learning.predicted(new Predicted(
                    Predicted.Source.FRAMES,
                    new Frame(0, IMAGE, file, 1),
                    new float[3 * TestModels.SIZE * TestModels.SIZE],
                    Prediction.fromLogits(new float[TestModels.CLASSES]),
                    MANIFEST,
                    ModelOrigin.base("fog-east", "stable"),
                    1));
        }
    }

    private SpooledSample spooled() throws IOException {
        return spool.read(spool.entries().get(0).id()).orElseThrow();
    }

    private static final class Nowhere implements PredictionSink {
        @Override
        public void prediction(PredictionRecord prediction) {}

        @Override
        public void update(UpdateRecord update) {}
    }
}
