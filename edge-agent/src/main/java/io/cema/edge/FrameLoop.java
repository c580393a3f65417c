package io.cema.edge;

import io.cema.edge.device.AgentMetrics;
import io.cema.edge.frame.Frame;
import io.cema.edge.frame.FramePosition;
import io.cema.edge.frame.FrameSource;
import io.cema.edge.frame.Pacer;
import io.cema.edge.inference.InferenceException;
import io.cema.edge.inference.Prediction;
import io.cema.edge.update.ActiveModel;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.edge.update.ActiveModels;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.model.ModelManifest;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The one frame-processing thread: takes each frame to its prediction by the model of one slot, and on to learning. A frame that fails is counted
 * and passed over; the stream goes on.
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
    private final FrameSettings settings;
    private final ActiveModels models;
    private final Consumer<Predicted> learning;
    private final AgentMetrics metrics;

    private final Thread thread = new Thread(this::run, "cema-frames");
    private volatile State state = State.WAITING;
    private volatile boolean stopping;

    FrameLoop(
            FrameSource source,
            FramePosition position,
            FrameSettings settings,
            ActiveModels models,
            Consumer<Predicted> learning,
            AgentMetrics metrics) {
        this.source = source;
        this.position = position;
        this.settings = settings;
        this.models = models;
        this.learning = learning;
        this.metrics = metrics;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    State state() {
        return state;
    }

    /** Why no frames come at present; empty if they do. */
    String problem() {
        return source.problem();
    }

    long nextFrame() {
        return position.next();
    }

    /** Stops after the frame in work. */
    @Override
    public void close() {
        stopping = true;
        source.stop();
        LockSupport.unpark(thread);
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (source) {
            while (settings.startOnActive() && !modelPresent() && !stopping) {
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

    private boolean modelPresent() {
        return models.holder(settings.slot()).filter(ActiveModelHolder::present).isPresent();
    }

    private void stream() throws IOException {
        source.seek(position.next());
        // A live source keeps the rate itself: it drops, and does not wait.
        Pacer pacer = new Pacer(source.live() ? 0 : settings.rate());
        while (!stopping) {
            pacer.await();
            Optional<Frame> frame = source.next();
            if (frame.isPresent()) {
                position.moveTo(frame.get().number() + 1);
                process(frame.get());
            } else if (stopping) {
                return;
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
        Optional<ActiveModelHolder.Lease> leased =
                models.holder(settings.slot()).flatMap(ActiveModelHolder::lease);
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
            learning.accept(new Predicted(
                    Predicted.Source.FRAMES, frame, input, prediction, manifest, model.origin(), latency));
        } catch (InferenceException e) {
            metrics.failed();
            LOG.warnf("frame %d: %s", frame.number(), e.getMessage());
        }
    }
}
