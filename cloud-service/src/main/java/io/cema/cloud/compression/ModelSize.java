package io.cema.cloud.compression;

import io.cema.protocol.onnx.OnnxModel;
import java.util.Collection;

/** What 2:4 sparsity saves: half of the values, less 2 bits for the place of each value that stays. */
final class ModelSize {
    private ModelSize() {}

    /**
     * @param sparse names of the sparse weights in {@code dense}
     * @param quantised names of the nodes whose weights are bytes; floats elsewhere
     */
    static long savedBySparsity(OnnxModel dense, Collection<String> sparse, Collection<String> quantised) {
        long saved = 0;
        for (WeightLayer layer : WeightLayer.of(dense)) {
            if (sparse.contains(layer.weight())) {
                long kept = layer.size() / 2;
                int each = quantised.contains(layer.node()) ? Byte.BYTES : Float.BYTES;
                saved += kept * each - (kept * 2 + 7) / 8;
            }
        }
        return saved;
    }
}
