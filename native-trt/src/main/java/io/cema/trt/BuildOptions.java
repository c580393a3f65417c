package io.cema.trt;

import java.util.Locale;
import java.util.function.Consumer;

/**
 * How an engine is built. Part of a plan's key: other options, another plan.
 *
 * @param typing where the precision of each layer comes from
 * @param sparseWeights allow sparse tensor cores for weights that are 2:4 sparse
 * @param refit which weights may change in the finished engine
 * @param minBatch smallest batch, at least 1
 * @param optBatch the batch that tactics are chosen for
 * @param maxBatch largest batch
 * @param workspaceBytes GPU memory that a layer may use beside its tensors; 0 for all there is
 * @param optimizationLevel 0 (fast build) to 5 (fast engine); TensorRT's default is 3
 * @param versionCompatible the plan also runs on later TensorRT versions of the same major number, at some cost in speed
 * @param hardwareCompatible the plan also runs on other GPUs from Ampere on, at some cost in speed
 */
public record BuildOptions(
        Typing typing,
        boolean sparseWeights,
        Refit refit,
        int minBatch,
        int optBatch,
        int maxBatch,
        long workspaceBytes,
        int optimizationLevel,
        boolean versionCompatible,
        boolean hardwareCompatible) {

    /** Where precision comes from. */
    public enum Typing {
        /** The ONNX file's types are obeyed: float32, float16 and Q/DQ as they stand. */
        STRONG,
        /** What is float32 in the file may run in float16, whatever is faster. */
        MIXED,
        /** Q/DQ stands for INT8, the rest may run in float32 or float16. */
        QUANTIZED
    }

    /** What may be changed later without a new build. */
    public enum Refit {
        /** Nothing: weights may be folded and laid out freely. */
        NONE,
        /** The weights named at the build. */
        NAMED,
        /** All of them. */
        ALL
    }

    public BuildOptions {
        if (minBatch < 1 || optBatch < minBatch || maxBatch < optBatch) {
            throw new IllegalArgumentException(
                    "batches must be 1 <= min <= opt <= max, are " + minBatch + ", " + optBatch + ", " + maxBatch);
        }
        if (workspaceBytes < 0) {
            throw new IllegalArgumentException("workspace must be 0 bytes or more, is " + workspaceBytes);
        }
        if (optimizationLevel < 0 || optimizationLevel > 5) {
            throw new IllegalArgumentException("optimisation level must be 0 to 5, is " + optimizationLevel);
        }
    }

    /** Strongly typed, batch 1 to 16, all memory, nothing refittable. */
    public static BuildOptions defaults() {
        return new BuildOptions(Typing.STRONG, false, Refit.NONE, 1, 1, 16, 0, 3, false, false);
    }

    public BuildOptions with(Typing newTyping) {
        return changed(draft -> draft.typing = newTyping);
    }

    public BuildOptions with(Refit newRefit) {
        return changed(draft -> draft.refit = newRefit);
    }

    public BuildOptions withSparseWeights(boolean sparse) {
        return changed(draft -> draft.sparseWeights = sparse);
    }

    public BuildOptions withBatch(int min, int opt, int max) {
        return changed(draft -> {
            draft.minBatch = min;
            draft.optBatch = opt;
            draft.maxBatch = max;
        });
    }

    public BuildOptions withWorkspace(long bytes) {
        return changed(draft -> draft.workspaceBytes = bytes);
    }

    private BuildOptions changed(Consumer<Draft> change) {
        Draft draft = new Draft();
        change.accept(draft);
        return new BuildOptions(
                draft.typing,
                draft.sparseWeights,
                draft.refit,
                draft.minBatch,
                draft.optBatch,
                draft.maxBatch,
                draft.workspaceBytes,
                optimizationLevel,
                versionCompatible,
                hardwareCompatible);
    }

    /** What a change may set; begins as these options are. */
    private final class Draft {
        private Typing typing = BuildOptions.this.typing;
        private boolean sparseWeights = BuildOptions.this.sparseWeights;
        private Refit refit = BuildOptions.this.refit;
        private int minBatch = BuildOptions.this.minBatch;
        private int optBatch = BuildOptions.this.optBatch;
        private int maxBatch = BuildOptions.this.maxBatch;
        private long workspaceBytes = BuildOptions.this.workspaceBytes;
    }

    /** One line for keys and reports; the same options give the same line. */
    public String canonical() {
        return String.format(
                Locale.ROOT,
                "typing=%s sparse=%s refit=%s batch=%d/%d/%d workspace=%d level=%d version-compatible=%s"
                        + " hardware-compatible=%s",
                typing,
                sparseWeights,
                refit,
                minBatch,
                optBatch,
                maxBatch,
                workspaceBytes,
                optimizationLevel,
                versionCompatible,
                hardwareCompatible);
    }
}
