package io.cema.edge;

import io.cema.edge.device.AgentMetrics;
import io.cema.edge.frame.Frame;
import io.cema.edge.inference.InferenceException;
import io.cema.edge.inference.Prediction;
import io.cema.edge.serving.ServedImages;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.model.ModelManifest;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Takes answered requests to {@link Learning}, on a thread of its own and behind a bounded queue: what does not fit is
 * not learnt from, and counted. Nor is what comes faster than the pace: a camera's worth of images says of the world what
 * all of them would, and leaves the processors to those who ask. An answer never waits for this. While requests come, they
 * are taken some at a time, so that not each of them has to wake the thread; that would cost those who answer more than the
 * learning does.
 */
final class ServedLearning implements ServedImages, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ServedLearning.class);

    /** The queue was full. */
    static final String BEHIND = "LEARNING_BEHIND";
    /** More images of the model came than are looked at. */
    static final String PACE = "LEARNING_PACE";
    /** The tensor is no preprocessed picture, so there is nothing to show the cloud. */
    static final String NO_PICTURE = "NO_PICTURE";

    /** How long a close may take to be seen; the thread is not interrupted, for that closes files it writes to. */
    private static final long POLL_MILLIS = 100;
    /** How long requests may gather. */
    private static final long GATHER_NANOS = 20_000_000;

    private final Consumer<Predicted> learning;
    private final AgentMetrics metrics;
    private final Clock clock;
    private final BlockingQueue<Served> queue;
    private final int halfFull;
    private final double perSecond;
    /** By the model's digest. */
    private final Map<String, LearningPace> paces = new ConcurrentHashMap<>();

    private final Thread thread = new Thread(this::run, "cema-learning");
    private volatile boolean stopping;
    private long number;

    /**
     * Starts nothing yet.
     *
     * @param learning called on this thread, may block
     * @param capacity requests that may wait, at least 1
     * @param perSecond images of each model that are learnt from, above 0
     */
    ServedLearning(Consumer<Predicted> learning, AgentMetrics metrics, int capacity, double perSecond, Clock clock) {
        if (capacity < 1) {
            throw new IllegalArgumentException(
                    "cema.serving.learning-queue-size is " + capacity + ", must be at least 1");
        }
        if (!(perSecond > 0)) {
            throw new IllegalArgumentException(
                    "cema.serving.learning-images-per-second is " + perSecond + ", must be above 0");
        }
        this.learning = learning;
        this.perSecond = perSecond;
        this.metrics = metrics;
        this.clock = clock;
        this.queue = new ArrayBlockingQueue<>(capacity);
        this.halfFull = (capacity + 1) / 2;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    @Override
    public void served(Served request) {
        long now = System.nanoTime();
        LearningPace pace =
                paces.computeIfAbsent(request.manifest().digest(), model -> new LearningPace(perSecond, now));
        if (!pace.take(request.images(), now)) {
            metrics.skipped(PACE);
        } else if (!queue.offer(request)) {
            metrics.skipped(BEHIND);
        } else if (queue.size() == halfFull) {
            LockSupport.unpark(thread);
        }
    }

    /** Ends after the image in work; what waits is not learnt from. */
    @Override
    public void close() {
        stopping = true;
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!stopping) {
                Served request = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                while (request != null && !stopping) {
                    learnAll(request);
                    LockSupport.parkNanos(GATHER_NANOS);
                    request = queue.poll();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void learnAll(Served first) {
        Served request = first;
        while (request != null && !stopping) {
            learn(request);
            request = queue.poll();
        }
    }

    private void learn(Served request) {
        try {
            for (int i = 0; i < request.images(); i++) {
                learn(request, i);
            }
        } catch (InferenceException e) {
            metrics.failed();
            LOG.warnf("a request's prediction: %s", e.getMessage());
        } catch (RuntimeException e) {
            metrics.failed();
            LOG.errorf(e, "cannot learn from a request; serving and learning go on");
        }
    }

    private void learn(Served request, int index) {
        ModelManifest manifest = request.manifest();
        int length = request.input().length / request.images();
        float[] input = request.images() == 1
                ? request.input()
                : Arrays.copyOfRange(request.input(), index * length, (index + 1) * length);
        Optional<Image> image = request.photo()
                .map(Photo::image)
                .or(() -> ImageCodec.fromTensor(input, manifest.height(), manifest.width(), manifest.preprocessing()));
        if (image.isEmpty()) {
            metrics.skipped(NO_PICTURE);
            return;
        }
        Prediction prediction = Prediction.fromLogits(request.logits(), index * manifest.classes(), manifest.classes());
        Frame frame = new Frame(number++, image.get(), request.photo().map(Photo::file), clock.millis());
        learning.accept(new Predicted(
                Predicted.Source.REQUESTS,
                frame,
                input,
                prediction,
                manifest,
                request.origin(),
                request.latencyMillis()));
    }
}
