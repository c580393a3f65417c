package io.cema.edge.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.protocol.message.SampleAck;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.message.SelectionPolicy;
import io.cema.protocol.message.UploadReason;
import io.cema.protocol.mqtt.IncomingMessage;
import io.cema.protocol.mqtt.MqttLink;
import io.cema.protocol.mqtt.MqttLinkException;
import io.cema.protocol.mqtt.OutgoingMessage;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.EnvelopeSealer;
import io.cema.protocol.signature.SigningKey;
import io.cema.protocol.signature.TrustedKeys;
import io.cema.protocol.trace.Tracing;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleSenderTest {
    private static final String SAMPLES = "cema/v1/default/d/cam-1/samples";
    private static final String ACKS = "cema/v1/default/d/cam-1/ack";

    @TempDir
    Path folder;

    private final SigningKey key = SigningKey.generate();
    private final MemoryLink link = new MemoryLink();
    private final UplinkGate gate = new UplinkGate(
            UplinkGate.Upload.IMAGES,
            true,
            QuietHours.parse(List.of(), ZoneOffset.UTC),
            Optional.empty(),
            Clock.systemUTC());
    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final Tracing tracing = Tracing.to(spans, "cema-edge", 1);
    private SampleSpool spool;
    private SampleSender sender;

    @BeforeEach
    void open() throws IOException {
        gate.follow("fog-east", SelectionPolicy.getDefaultInstance());
        spool = SampleSpool.open(folder, 1 << 20, Duration.ofDays(1), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        if (sender != null) {
            sender.close();
        }
    }

    @Test
    void start_spooledSample_isPublishedInPartsThatMakeItUp() throws IOException {
        SpooledSample sample = put(5000);
        start(new UplinkSettings(8, 2048, Duration.ofMinutes(1)), 0);

        await().until(() -> link.parts.size() == 3);
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (SamplePart part : link.parts) {
            assertThat(part.getParts()).isEqualTo(3);
            joined.write(part.getData().toByteArray());
        }
        assertThat(joined.toByteArray()).isEqualTo(sample.image());
        await().untilAsserted(() -> assertThat(sender.uploadedImages()).isEqualTo(1));
    }

    @Test
    void publishedWithoutAck_staysInTheSpool() throws IOException {
        put(100);
        start(new UplinkSettings(8, 2048, Duration.ofMinutes(1)), 0);

        await().until(() -> sender.uploadedImages() == 1);
        assertThat(spool.images()).isEqualTo(1);
    }

    @Test
    void onAck_durable_emptiesTheSpoolAndAcknowledgesTheMessage() throws IOException {
        SpooledSample sample = put(100);
        start(new UplinkSettings(8, 2048, Duration.ofMinutes(1)), 0);
        AtomicBoolean acknowledged = new AtomicBoolean();

        sender.onAck(ack(sample.id(), SampleAck.Outcome.DURABLE, true, acknowledged));

        await().untilTrue(acknowledged);
        assertThat(spool.images()).isZero();
        assertThat(sender.acknowledgedImages()).isEqualTo(1);
    }

    @Test
    void tracedSample_isFollowedFromTheFirstTryToTheAnswer() throws IOException {
        String frame = "00-" + "a".repeat(32) + "-" + "b".repeat(16) + "-01";
        SpooledSample plain = SampleSpoolTest.sample(0.5, UploadReason.INFORMATIVE, 100);
        spool.put(new SpooledSample(
                plain.id(), plain.info().toBuilder().setTraceParent(frame).build(), plain.image()));
        start(new UplinkSettings(8, 2048, Duration.ofMinutes(1)), 0);
        await().until(() -> sender.uploadedImages() == 1);

        sender.onAck(ack(plain.id(), SampleAck.Outcome.DURABLE, true, new AtomicBoolean()));

        await().until(() -> spans.getFinishedSpanItems().size() == 1);
        SpanData upload = spans.getFinishedSpanItems().get(0);
        assertThat(upload.getName()).isEqualTo("upload");
        assertThat(upload.getParentSpanId()).isEqualTo("b".repeat(16));
        assertThat(link.properties).containsExactly(Map.of("traceparent", frame));
    }

    @Test
    void onAck_deadLettered_emptiesTheSpoolAndIsCountedApart() throws IOException {
        SpooledSample sample = put(100);
        start(new UplinkSettings(8, 2048, Duration.ofMinutes(1)), 0);
        AtomicBoolean acknowledged = new AtomicBoolean();

        sender.onAck(ack(sample.id(), SampleAck.Outcome.DEAD_LETTERED, true, acknowledged));

        await().untilTrue(acknowledged);
        assertThat(spool.images()).isZero();
        assertThat(sender.deadLetteredImages()).isEqualTo(1);
        assertThat(sender.acknowledgedImages()).isZero();
    }

    @Test
    void onAck_unsigned_emptiesNothing() throws IOException {
        SpooledSample sample = put(100);
        start(new UplinkSettings(8, 2048, Duration.ofMinutes(1)), 0);
        AtomicBoolean acknowledged = new AtomicBoolean();

        sender.onAck(ack(sample.id(), SampleAck.Outcome.DURABLE, false, acknowledged));

        await().untilTrue(acknowledged);
        assertThat(spool.images()).isEqualTo(1);
    }

    @Test
    void noAckInTime_isSentAgain() throws IOException {
        put(100);
        start(new UplinkSettings(8, 2048, Duration.ofMillis(50)), 0);

        await().until(() -> link.parts.size() >= 2);
        assertThat(sender.uploadedImages()).isEqualTo(1);
    }

    @Test
    void manySamples_outstandingIsBounded() throws Exception {
        for (int i = 0; i < 10; i++) {
            put(100);
        }
        start(new UplinkSettings(3, 2048, Duration.ofMinutes(1)), 0);

        await().until(() -> link.parts.size() == 3);
        Thread.sleep(600);
        assertThat(link.parts).hasSize(3);
    }

    @Test
    void offline_nothingIsSentUntilConnected() throws Exception {
        link.connected = false;
        put(100);
        start(new UplinkSettings(3, 2048, Duration.ofMinutes(1)), 0);
        Thread.sleep(400);
        assertThat(link.parts).isEmpty();

        link.connected = true;
        await().until(() -> link.parts.size() == 1);
    }

    @Test
    void budgetSpent_restWaits() throws IOException {
        for (int i = 0; i < 4; i++) {
            put(200_000);
        }
        start(new UplinkSettings(8, 64 * 1024, Duration.ofMinutes(1)), 300_000);

        await().until(() -> sender.uploadedImages() == 1 && sender.hold() == Hold.BUDGET);
        assertThat(sender.uploadedBytes()).isLessThanOrEqualTo(300_000);
        assertThat(spool.images()).isEqualTo(4);
    }

    @Test
    void largerThanTheBudget_isGivenUpAndTheOthersGo() throws IOException {
        spool.put(SampleSpoolTest.sample(0.9, UploadReason.INFORMATIVE, 40_000));
        put(100);

        start(new UplinkSettings(8, 64 * 1024, Duration.ofMinutes(1)), 30_000);

        await().until(() -> sender.uploadedImages() == 1);
        assertThat(spool.droppedByReason()).containsExactly(Map.entry(SampleSpool.Drop.LARGER_THAN_BUDGET, 1L));
    }

    @Test
    void several_theMostInformativeGoesFirst() throws IOException {
        spool.put(SampleSpoolTest.sample(0.1, UploadReason.INFORMATIVE, 10));
        spool.put(SampleSpoolTest.sample(0.9, UploadReason.INFORMATIVE, 10));
        spool.put(SampleSpoolTest.sample(0.0, UploadReason.RANDOM, 10));

        start(new UplinkSettings(8, 2048, Duration.ofMinutes(1)), 0);

        await().until(() -> link.parts.size() == 3);
        assertThat(link.parts).extracting(p -> p.getInfo().getEntropy()).containsExactly(0f, 0.9f, 0.1f);
    }

    @Test
    void uploadForbidden_whatIsSpooledStaysAndGoesWhenItMay() throws IOException {
        put(100);
        gate.follow(
                "fog-east",
                SelectionPolicy.newBuilder()
                        .setUpload(SelectionPolicy.Upload.NO_UPLOAD)
                        .build());
        start(new UplinkSettings(8, 2048, Duration.ofMinutes(1)), 0);
        await().until(() -> sender.hold() == Hold.UPLOAD_POLICY);
        assertThat(link.parts).isEmpty();

        gate.follow("fog-east", SelectionPolicy.getDefaultInstance());

        await().until(() -> link.parts.size() == 1);
    }

    private SpooledSample put(int bytes) throws IOException {
        SpooledSample sample = SampleSpoolTest.sample(0.5, UploadReason.INFORMATIVE, bytes);
        spool.put(sample);
        return sample;
    }

    private void start(UplinkSettings settings, long bytesPerHour) throws IOException {
        sender = new SampleSender(
                spool,
                link,
                SAMPLES,
                TrustedKeys.of(key.publicKey()),
                ByteBudget.open(folder.resolve("budget"), bytesPerHour, 0),
                gate,
                settings,
                Clock.systemUTC(),
                tracing.tracer());
        sender.start();
    }

    private IncomingMessage ack(String id, SampleAck.Outcome outcome, boolean signed, AtomicBoolean acknowledged) {
        SampleAck ack = SampleAck.newBuilder()
                .addEntries(SampleAck.Entry.newBuilder().setSampleId(id).setOutcome(outcome))
                .build();
        byte[] payload = (signed
                        ? EnvelopeSealer.sign(ACKS, ack, key.id(), key.privateKey(), 1)
                        : EnvelopeSealer.unsigned(ack, 1))
                .toByteArray();
        return new MemoryMessage(ACKS, payload, acknowledged);
    }

    private record MemoryMessage(String topic, byte[] payload, AtomicBoolean acknowledged) implements IncomingMessage {
        @Override
        public int qos() {
            return 1;
        }

        @Override
        public boolean retained() {
            return false;
        }

        @Override
        public Map<String, String> userProperties() {
            return Map.of();
        }

        @Override
        public Optional<String> responseTopic() {
            return Optional.empty();
        }

        @Override
        public Optional<byte[]> correlationData() {
            return Optional.empty();
        }

        @Override
        public void acknowledge() {
            acknowledged.set(true);
        }
    }

    /** A link whose broker confirms at once; the real one is met in EdgeAgentTest. */
    private static final class MemoryLink implements MqttLink {
        private final List<SamplePart> parts = new CopyOnWriteArrayList<>();
        private final List<Map<String, String>> properties = new CopyOnWriteArrayList<>();
        private volatile boolean connected = true;

        @Override
        public void start() {}

        @Override
        public boolean connected() {
            return connected;
        }

        @Override
        public CompletionStage<Void> publish(OutgoingMessage message) {
            if (!connected) {
                return CompletableFuture.failedFuture(new MqttLinkException("offline"));
            }
            properties.add(message.userProperties());
            parts.add(EnvelopeOpener.openUnsigned(message.payload(), SamplePart.getDefaultInstance()));
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public Subscription subscribe(String filter, int qos, Consumer<IncomingMessage> handler) {
            return new Subscription() {
                @Override
                public CompletionStage<Void> established() {
                    return CompletableFuture.completedFuture(null);
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void listen(LinkListener listener) {}

        @Override
        public void close(OutgoingMessage farewell) {}

        @Override
        public void close() {}
    }
}
