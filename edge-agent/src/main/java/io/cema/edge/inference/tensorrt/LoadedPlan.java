package io.cema.edge.inference.tensorrt;

import io.cema.trt.Engine;
import io.cema.trt.PlanKey;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A plan on the GPU, its runs, and which weights are in it. One owner at a time, who closes it. */
final class LoadedPlan implements AutoCloseable {
    private final PlanKey key;
    private final Engine engine;
    private final RunPool runs;
    private final Set<String> refittable;
    /** Digests of the weights now in the engine. */
    private Map<String, String> held;

    LoadedPlan(PlanKey key, Engine engine, int workers, Map<String, String> held) {
        this.key = key;
        this.engine = engine;
        this.runs = new RunPool(engine, workers);
        this.refittable = new HashSet<>(engine.refittable());
        this.held = held;
    }

    PlanKey key() {
        return key;
    }

    Engine engine() {
        return engine;
    }

    RunPool runs() {
        return runs;
    }

    /** Whether a refit can bring these weights in. */
    boolean canTake(WeightSet weights) {
        return refittable.containsAll(weights.changesFrom(held).keySet());
    }

    /**
     * Brings them in; nobody may be using the engine.
     *
     * @return how many tensors changed
     */
    int refit(WeightSet weights) {
        Map<String, float[]> changes = weights.changesFrom(held);
        if (!changes.isEmpty()) {
            engine.refit(changes);
            held = weights.digests();
        }
        return changes.size();
    }

    @Override
    public void close() {
        runs.close();
        engine.close();
    }
}
