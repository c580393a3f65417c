package io.cema.edge;

import io.cema.edge.device.AgentMetrics;
import io.cema.edge.device.DeviceIdentity;
import io.cema.edge.device.DeviceIdentity.Position;
import io.cema.edge.frame.Frame;
import io.cema.edge.selection.Decision;
import io.cema.edge.selection.SampleSelector;
import io.cema.edge.serving.PredictionRecord;
import io.cema.edge.serving.PredictionSink;
import io.cema.edge.statistics.StatisticsUplink;
import io.cema.edge.storage.DiskWatch;
import io.cema.edge.update.ModelOrigin;
import io.cema.edge.update.ShadowFrames;
import io.cema.edge.uplink.SampleSender;
import io.cema.edge.uplink.SampleSpool;
import io.cema.edge.uplink.SpooledSample;
import io.cema.edge.uplink.UplinkGate;
import io.cema.protocol.message.SampleInfo;
import io.cema.protocol.message.UploadReason;
import io.cema.protocol.trace.TraceParent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/**
 * What every image of one slot goes through after its prediction, be it a frame or part of a request: counters, shadow
 * frames, selection, spool, statistics, sink. One image at a time: the selection sees one stream, whoever brings the images.
 * May write to the disk, so nobody comes here who has an answer to give.
 */
final class Learning {
    private final DeviceIdentity identity;
    private final ShadowFrames shadow;
    private final SampleSpool spool;
    private final SampleSender sender;
    private final UplinkGate gate;
    private final RawFrames raw;
    private final StatisticsUplink statistics;
    private final PredictionSink sink;
    private final AgentMetrics metrics;
    private final DiskWatch disk;
    private final AgentMetrics own;
    private final Tracer tracer;
    /** The selection for the slot in use; empty while the slot is not to be adapted. */
    private Optional<SampleSelector> selector = Optional.empty();

    private volatile double entropyMax;

    /**
     * Selects nothing yet.
     *
     * @param metrics of the agent
     * @param own of the model alone
     */
    Learning(
            DeviceIdentity identity,
            ShadowFrames shadow,
            SampleSpool spool,
            SampleSender sender,
            UplinkGate gate,
            RawFrames raw,
            StatisticsUplink statistics,
            PredictionSink sink,
            AgentMetrics metrics,
            AgentMetrics own,
            DiskWatch disk,
            Tracer tracer) {
        this.identity = identity;
        this.shadow = shadow;
        this.spool = spool;
        this.sender = sender;
        this.gate = gate;
        this.raw = raw;
        this.statistics = statistics;
        this.sink = sink;
        this.metrics = metrics;
        this.own = own;
        this.disk = disk;
        this.tracer = tracer;
    }

    /** Whether inputs go there, which is to say, whether this is of that slot. */
    boolean feeds(ShadowFrames frames) {
        return shadow == frames;
    }

    /** From the next image on, select with this; the selector belongs here then. */
    synchronized void select(Optional<SampleSelector> next) {
        selector = next;
    }

    /** Present threshold of reliability in nats; 0 before the first image. */
    double entropyMax() {
        return entropyMax;
    }

    synchronized void predicted(Predicted image) {
        metrics.predicted(image.prediction(), image.latencyMillis());
        own.predicted(image.prediction(), image.latencyMillis());
        shadow.add(image.input());
        String selected = decide(image);
        ModelOrigin origin = image.origin();
        statistics.predicted(image.manifest().digest(), origin, image.input(), image.prediction());
        sink.prediction(new PredictionRecord(
                image.frame().number(),
                image.prediction().predictedClass(),
                image.prediction().entropy(),
                image.prediction().confidence(),
                origin.update(),
                origin.revision().revision(),
                System.currentTimeMillis(),
                selected,
                image.latencyMillis(),
                image.source().name().toLowerCase(Locale.ROOT),
                image.manifest().name(),
                origin.cohort()));
    }

    /** @return the upload reason's name, or "-" */
    private String decide(Predicted image) {
        // Between a change of model and the selection that goes with it, nothing is selected.
        if (selector.isEmpty()
                || selector.get().settings().classes() != image.prediction().classes()) {
            return "-";
        }
        Decision decision = selector.get()
                .decide(
                        image.prediction(),
                        image.frame().image(),
                        image.origin().experts());
        entropyMax = selector.get().entropyMax();
        if (decision instanceof Decision.Skip skip) {
            skipped(skip.reason().name());
            return "-";
        }
        if (!gate.imagesAllowed(image.origin().cohort())) {
            skipped("UPLOAD_POLICY");
            return "-";
        }
        DiskWatch.State now = disk.state();
        if (!now.sound()) {
            skipped("DISK_" + now.kind());
            return "-";
        }
        UploadReason reason =
                UploadReason.valueOf(((Decision.Upload) decision).cause().name());
        Span span = FrameTrace.begin(tracer, image, reason);
        try {
            if (!spool.put(sample(image, reason, TraceParent.of(span)))) {
                skipped("SPOOL_FULL");
                return "-";
            }
        } catch (IOException e) {
            skipped("SPOOL_FAILED");
            disk.failed("a sample cannot be spooled", e);
            return "-";
        } finally {
            span.end();
        }
        sender.wake();
        return reason.name();
    }

    private void skipped(String reason) {
        metrics.skipped(reason);
        own.skipped(reason);
    }

    private SpooledSample sample(Predicted image, UploadReason reason, String traceParent) {
        Position place = identity.next();
        ModelOrigin origin = image.origin();
        Frame frame = image.frame();
        Frame.Encoded file = frame.original().orElseGet(() -> raw.encode(frame.image()));
        SampleInfo info = SampleInfo.newBuilder()
                .setFormat(file.format())
                .setWidth(frame.image().width())
                .setHeight(frame.image().height())
                .setEntropy((float) image.prediction().entropy())
                .setPredictedClass(image.prediction().predictedClass())
                .setConfidence((float) image.prediction().confidence())
                .setReason(reason)
                .setModelDigest(image.manifest().digest())
                .setCohort(origin.cohort())
                .setChannel(origin.channel())
                .setUpdateVersion(origin.update())
                .setRevision(origin.revision().toMessage())
                .setGeneration(place.generation())
                .setConnection(place.connection())
                .setSequence(place.sequence())
                .setCapturedMs(frame.capturedMillis())
                .setFrame(frame.number())
                .setTraceParent(traceParent)
                .build();
        return new SpooledSample(spool.newId(), info, file.bytes());
    }
}
