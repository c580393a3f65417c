package io.cema.edge.inference.tensorrt;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.InferenceException;
import io.cema.protocol.onnx.SignedActivations;
import io.cema.trt.BuildOptions;
import io.cema.trt.LayerReport;
import io.cema.trt.PlanCache;
import io.cema.trt.PlanKey;
import io.cema.trt.TensorRt;
import io.cema.trt.TensorRtException;
import io.cema.trt.TensorRtException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/**
 * Opens models on TensorRT. A model known but for its float32 weights gets the plan it had before and a refit; an unknown
 * one is built, which takes minutes on a Jetson while what is in use goes on serving. An engine that was taken out of
 * service waits as the spare that the next update is refitted into. Thread-safe; opens go one after the other.
 */
public final class TensorRtEngineFactory implements EngineFactory {
    private static final Logger LOG = Logger.getLogger(TensorRtEngineFactory.class);
    /** Plans kept on disk: of the model in use, its predecessor, a candidate, and spare. */
    private static final int PLANS = 6;

    private final TensorRt tensorRt;
    private final EngineFactory reference;
    private final TensorRtSettings settings;
    private final PlanCache plans;
    private final AgreementCheck agreement;
    /** Apart from the lock, so that who takes an engine out of service never waits for a build. */
    private final AtomicReference<LoadedPlan> spare = new AtomicReference<>();

    private volatile boolean closed;

    /**
     * @param tensorRt owned by this factory from now on
     * @param reference what every engine must agree with before it serves
     */
    public TensorRtEngineFactory(TensorRt tensorRt, EngineFactory reference, TensorRtSettings settings)
            throws IOException {
        this.tensorRt = tensorRt;
        this.reference = reference;
        this.settings = settings;
        this.plans = new PlanCache(settings.folder(), PLANS, Clock.systemUTC());
        this.agreement = new AgreementCheck(reference);
    }

    @Override
    public String engineName() {
        return "tensorrt " + tensorRt.version() + " on " + tensorRt.gpu().name();
    }

    /** ONNX Runtime: no graph is worth a build just to be compared. */
    @Override
    public EngineFactory forChecks() {
        return reference;
    }

    @Override
    public synchronized InferenceEngine open(byte[] onnx) {
        if (closed) {
            throw new IllegalStateException("TensorRT is closed");
        }
        try {
            byte[] signed = SignedActivations.of(onnx);
            Skeleton skeleton = Skeleton.of(signed);
            LoadedPlan plan = plan(signed, skeleton);
            TensorRtEngine engine = new TensorRtEngine(engineName(), plan, this::retire);
            try {
                agreement.check(engine, onnx, skeleton.quantized());
                return engine;
            } catch (RuntimeException e) {
                // Whatever is wrong with it, nothing is to be refitted into it.
                plan.close();
                throw e;
            }
        } catch (TensorRtException e) {
            throw new InferenceException(e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep plans in " + settings.folder(), e);
        }
    }

    private LoadedPlan plan(byte[] onnx, Skeleton skeleton) throws IOException {
        BuildOptions options = settings.options(skeleton.quantized());
        PlanKey key = tensorRt.key(skeleton.digest(), options);
        Optional<LoadedPlan> known = takeSpare(key);
        if (known.isEmpty()) {
            known = fromCache(key);
        }
        if (known.isPresent()) {
            LoadedPlan plan = known.get();
            if (plan.canTake(skeleton.weights())) {
                return refitted(plan, skeleton.weights());
            }
            LOG.infof("this model needs weights that its plan cannot take by refit: building again");
            plan.close();
        }
        return build(onnx, skeleton, options, key);
    }

    private static LoadedPlan refitted(LoadedPlan plan, WeightSet weights) {
        long started = System.nanoTime();
        try {
            int changed = plan.refit(weights);
            LOG.infof("refitted %s tensors in %.1f ms", changed, (System.nanoTime() - started) / 1e6);
            return plan;
        } catch (RuntimeException e) {
            plan.close();
            throw e;
        }
    }

    /** One of another plan is closed: its memory is wanted now. */
    private Optional<LoadedPlan> takeSpare(PlanKey key) {
        LoadedPlan waiting = spare.getAndSet(null);
        if (waiting == null || waiting.key().equals(key)) {
            return Optional.ofNullable(waiting);
        }
        waiting.close();
        return Optional.empty();
    }

    private Optional<LoadedPlan> fromCache(PlanKey key) throws IOException {
        Optional<PlanCache.Entry> entry = plans.find(key);
        if (entry.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(loaded(
                    key, entry.get().plan(), WeightSet.digests(entry.get().note())));
        } catch (TensorRtException e) {
            if (e.reason() != Reason.PLAN_REJECTED) {
                throw e;
            }
            LOG.warnf("a cached plan is not taken, building again: %s", e.getMessage());
            plans.remove(key);
            return Optional.empty();
        }
    }

    private LoadedPlan build(byte[] onnx, Skeleton skeleton, BuildOptions options, PlanKey key) throws IOException {
        LOG.infof(
                "building a TensorRT plan for %s; this may take minutes",
                tensorRt.gpu().name());
        byte[] plan = tensorRt.build(
                onnx,
                options,
                skeleton.weights().values().keySet(),
                Optional.of(settings.folder().resolve("timing.cache")),
                LOG::info);
        keep(key, new PlanCache.Entry(plan, skeleton.weights().note()));
        LoadedPlan loaded = loaded(key, plan, skeleton.weights().digests());
        LayerReport layers = loaded.engine().layers();
        LOG.infof(
                "%d layers, %d on INT8, %d with sparse kernels; %d tensors can be refitted",
                layers.layers().size(),
                layers.int8Layers(),
                layers.sparseLayers(),
                loaded.engine().refittable().size());
        return loaded;
    }

    /** What cannot be kept is built again at the next start; it serves all the same. */
    private void keep(PlanKey key, PlanCache.Entry entry) {
        try {
            plans.store(key, entry);
        } catch (IOException e) {
            LOG.warnf("the plan is not kept in %s: %s", settings.folder(), e.getMessage());
        }
    }

    private LoadedPlan loaded(PlanKey key, byte[] plan, Map<String, String> held) {
        return new LoadedPlan(key, tensorRt.load(plan), settings.workers(), held);
    }

    private void retire(LoadedPlan plan) {
        drop(spare.getAndSet(plan));
        if (closed) {
            drop(spare.getAndSet(null));
        }
    }

    private static void drop(LoadedPlan plan) {
        if (plan != null) {
            plan.close();
        }
    }

    /** Engines in service stay usable and are released when they are closed. */
    @Override
    public void close() {
        closed = true;
        drop(spare.getAndSet(null));
    }
}
