package io.cema.edge;

import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.edge.device.AgentMetrics;
import io.cema.edge.device.DeviceIdentity;
import io.cema.edge.device.DeviceIdentity.Position;
import io.cema.edge.frame.Frame;
import io.cema.edge.frame.FramePosition;
import io.cema.edge.frame.FrameSource;
import io.cema.edge.frame.Pacer;
import io.cema.edge.inference.InferenceException;
import io.cema.edge.inference.Prediction;
import io.cema.edge.selection.Decision;
import io.cema.edge.selection.SampleSelector;
import io.cema.edge.serving.PredictionRecord;
import io.cema.edge.serving.PredictionSink;
import io.cema.edge.update.ActiveModel;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.edge.update.ModelOrigin;
import io.cema.edge.update.ShadowFrames;
import io.cema.edge.uplink.SampleSender;
import io.cema.edge.uplink.SampleSpool;
import io.cema.edge.uplink.SpooledSample;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.message.SampleInfo;
import io.cema.protocol.message.UploadReason;
import io.cema.protocol.model.ModelManifest;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * The one frame-processing thread: frame, prediction, selection, spool, sink. A frame that fails is counted and passed
 * over; the stream goes on.
 */
final class FrameLoop implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(FrameLoop.class);
    private static final long WAIT_NANOS = 20_000_000;

    /** Where the stream stands. */
    enum State {
        WAITING,
        RUNNING,
        ENDED,
        FAILED
    }

    private final FrameSource source;
    private final FramePosition position;
    private final EdgeSettings.Frames settings;
    private final DeviceIdentity identity;
    private final ActiveModelHolder holder;
    private final ShadowFrames shadow;
    private final SampleSpool spool;
    private final SampleSender sender;
    private final PredictionSink sink;
    private final AgentMetrics metrics;
    /** The selection for the slot in use; empty while the slot is not to be adapted. Run on the frame thread alone. */
    private final AtomicReference<Optional<SampleSelector>> selector = new AtomicReference<>(Optional.empty());

    private final Thread thread = new Thread(this::run, "cema-frames");
    private volatile State state = State.WAITING;
    private volatile boolean stopping;
    private volatile double entropyMax;

    FrameLoop(
            FrameSource source,
            FramePosition position,
            EdgeSettings.Frames settings,
            DeviceIdentity identity,
            ActiveModelHolder holder,
            ShadowFrames shadow,
            SampleSpool spool,
            SampleSender sender,
            PredictionSink sink,
            AgentMetrics metrics) {
        this.source = source;
        this.position = position;
        this.settings = settings;
        this.identity = identity;
        this.holder = holder;
        this.shadow = shadow;
        this.spool = spool;
        this.sender = sender;
        this.sink = sink;
        this.metrics = metrics;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** From the next frame on, select with this; the selector belongs to the frame thread then. */
    void select(Optional<SampleSelector> next) {
        selector.set(next);
    }

    State state() {
        return state;
    }

    long nextFrame() {
        return position.next();
    }

    double entropyMax() {
        return entropyMax;
    }

    /** Stops after the frame in work. */
    @Override
    public void close() {
        stopping = true;
        LockSupport.unpark(thread);
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (source) {
            while (settings.startOnActive() && !holder.present() && !stopping) {
                LockSupport.parkNanos(WAIT_NANOS);
            }
            state = State.RUNNING;
            LOG.infof("frames from %s, beginning with number %d", source.description(), position.next());
            stream();
        } catch (IOException e) {
            state = State.FAILED;
            LOG.errorf(e, "no more frames from %s; serving goes on", source.description());
        } catch (RuntimeException e) {
            state = State.FAILED;
            LOG.errorf(e, "frame processing ended; serving goes on");
        }
    }

    private void stream() throws IOException {
        source.seek(position.next());
        Pacer pacer = new Pacer(settings.rate());
        while (!stopping) {
            pacer.await();
            Optional<Frame> frame = source.next();
            if (frame.isPresent()) {
                position.moveTo(frame.get().number() + 1);
                process(frame.get());
            } else if (settings.loop() && position.next() > 0) {
                position.moveTo(0);
                source.seek(0);
            } else {
                state = State.ENDED;
                LOG.infof("end of %s", source.description());
                return;
            }
        }
    }

    private void process(Frame frame) {
        Optional<ActiveModelHolder.Lease> leased = holder.lease();
        if (leased.isEmpty()) {
            metrics.skipped("NO_MODEL");
            return;
        }
        try (ActiveModelHolder.Lease lease = leased.get()) {
            ActiveModel model = lease.model();
            ModelManifest manifest = model.manifest();
            long started = System.nanoTime();
            float[] input =
                    ImageCodec.toTensor(frame.image(), manifest.height(), manifest.width(), manifest.preprocessing());
            Prediction prediction = Prediction.fromLogits(model.engine().logits(input, 1));
            double latency = (System.nanoTime() - started) / 1e6;
            metrics.predicted(prediction, latency);
            shadow.add(input);
            String selected = select(frame, prediction, model);
            ModelOrigin origin = model.origin();
            sink.prediction(new PredictionRecord(
                    frame.number(),
                    prediction.predictedClass(),
                    prediction.entropy(),
                    prediction.confidence(),
                    origin.update(),
                    origin.revision().revision(),
                    System.currentTimeMillis(),
                    selected,
                    latency));
        } catch (InferenceException e) {
            metrics.failed();
            LOG.warnf("frame %d: %s", frame.number(), e.getMessage());
        }
    }

    /** @return the upload reason's name, or "-" */
    private String select(Frame frame, Prediction prediction, ActiveModel model) {
        Optional<SampleSelector> current = selector.get();
        // Between a change of model and the selection that goes with it, nothing is selected.
        if (current.isEmpty() || current.get().settings().classes() != prediction.classes()) {
            return "-";
        }
        Decision decision = current.get().decide(prediction, frame.image());
        entropyMax = current.get().entropyMax();
        if (decision instanceof Decision.Skip skip) {
            metrics.skipped(skip.reason().name());
            return "-";
        }
        UploadReason reason =
                UploadReason.valueOf(((Decision.Upload) decision).cause().name());
        try {
            if (!spool.put(sample(frame, prediction, model, reason))) {
                metrics.skipped("SPOOL_FULL");
                return "-";
            }
        } catch (IOException e) {
            metrics.skipped("SPOOL_FAILED");
            LOG.errorf("frame %d cannot be spooled: %s", frame.number(), e.toString());
            return "-";
        }
        sender.wake();
        return reason.name();
    }

    private SpooledSample sample(Frame frame, Prediction prediction, ActiveModel model, UploadReason reason) {
        Position place = identity.next();
        ModelOrigin origin = model.origin();
        SampleInfo info = SampleInfo.newBuilder()
                .setFormat(frame.original().map(Frame.Encoded::format).orElse(ImageFormat.RGB8_ZSTD))
                .setWidth(frame.image().width())
                .setHeight(frame.image().height())
                .setEntropy((float) prediction.entropy())
                .setPredictedClass(prediction.predictedClass())
                .setConfidence((float) prediction.confidence())
                .setReason(reason)
                .setModelDigest(model.manifest().digest())
                .setCohort(origin.cohort())
                .setChannel(origin.channel())
                .setUpdateVersion(origin.update())
                .setRevision(origin.revision().toMessage())
                .setGeneration(place.generation())
                .setConnection(place.connection())
                .setSequence(place.sequence())
                .setCapturedMs(frame.capturedMillis())
                .setFrame(frame.number())
                .build();
        byte[] image = frame.original().map(Frame.Encoded::bytes).orElseGet(() -> ImageCodec.encode(frame.image()));
        return new SpooledSample(UlidCreator.getMonotonicUlid().toString(), info, image);
    }
}
