package io.cema.bench.network;

import java.util.Locale;

/** The number formats a network is timed in. All take and give float32. */
public enum Form {
    DENSE_FP32(false, false, false),
    /** Everything between two casts in float16. */
    DENSE_FP16(false, false, true),
    /** Convolutions and products with weights in INT8, the rest in float32. */
    DENSE_INT8(false, true, false),
    /** The same, the weights 2:4 sparse. */
    SPARSE_INT8(true, true, false),
    /** Convolutions and products with weights in INT8, the rest in float16: no float32 layer norm beside fast products. */
    DENSE_INT8_FP16(false, true, true),
    SPARSE_INT8_FP16(true, true, true);

    private final boolean sparse;
    private final boolean int8;
    private final boolean half;

    Form(boolean sparse, boolean int8, boolean half) {
        this.sparse = sparse;
        this.int8 = int8;
        this.half = half;
    }

    boolean isSparse() {
        return sparse;
    }

    boolean isInt8() {
        return int8;
    }

    boolean isHalf() {
        return half;
    }

    /** As files and options name it, e.g. "sparse-int8". */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
