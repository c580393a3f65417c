package io.cema.edge.inference.tensorrt;

import io.cema.trt.BuildOptions;
import io.cema.trt.BuildOptions.Refit;
import io.cema.trt.BuildOptions.Typing;
import java.nio.file.Path;

/**
 * How the agent uses TensorRT.
 *
 * @param folder where plans and the timing cache are kept
 * @param refit how updates get into an engine: NAMED changes what they touch alone, ALL makes every weight changeable,
 *     NONE builds anew for each update
 * @param half whether float32 layers may run in float16
 * @param maxBatch largest batch of one inference
 * @param workers inferences at a time, each with buffers of its own
 * @param workspaceBytes GPU memory that a layer may use beside its tensors; 0 for all there is
 */
public record TensorRtSettings(Path folder, Refit refit, boolean half, int maxBatch, int workers, long workspaceBytes) {
    public TensorRtSettings {
        if (maxBatch < 1 || workers < 1) {
            throw new IllegalArgumentException(
                    "batch and workers must be at least 1, are " + maxBatch + " and " + workers);
        }
    }

    BuildOptions options(boolean quantized) {
        Typing typing = quantized ? Typing.QUANTIZED : half ? Typing.MIXED : Typing.STRONG;
        return BuildOptions.defaults()
                .with(typing)
                .with(refit)
                // Only weights that are 2:4 sparse get sparse kernels; for others the flag changes nothing.
                .withSparseWeights(true)
                .withBatch(1, 1, maxBatch)
                .withWorkspace(workspaceBytes);
    }
}
