package io.cema.cloud.adaptation.torch;

import org.bytedeco.pytorch.Tensor;

/** One node's computation. */
@FunctionalInterface
interface Kernel {
    /**
     * @param inputs in the node's order; null where an optional input is left out
     * @param mode for batch normalisation
     * @return fresh tensors, one per output, never one of the inputs (the caller closes both on their own time); views
     *     are fresh
     */
    Tensor[] run(Tensor[] inputs, NormMode mode);

    /** A computation with one output. */
    @FunctionalInterface
    interface Single {
        Tensor run(Tensor[] inputs);

        default Kernel kernel() {
            return (inputs, mode) -> new Tensor[] {run(inputs)};
        }
    }
}
