package io.cema.cloud.adaptation.torch;

import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Counts, over forward passes, the values of each quantised activation that its integers cannot hold. The model's input is
 * left out: no update changes it. One thread.
 */
final class SaturationCount {
    private final Map<String, Consumer<Tensor>> observers = new LinkedHashMap<>();
    private final Map<String, long[]> counts = new LinkedHashMap<>();

    SaturationCount(OnnxModel model) {
        for (OnnxNode node : model.nodes()) {
            boolean activation = node.is("QuantizeLinear")
                    && model.constant(node.input(0)).isEmpty()
                    && !node.input(0).equals(model.input().name());
            if (activation) {
                FakeQuantization.Range range = FakeQuantization.range(model, node);
                observers.put(node.input(0), values -> count(node.input(0), values, range));
            }
        }
    }

    /** What a forward pass has to show, see {@link TorchModel#observe}; empty if the model has no quantised activation. */
    Map<String, Consumer<Tensor>> observers() {
        return observers;
    }

    private void count(String activation, Tensor values, FakeQuantization.Range range) {
        try (PointerScope scope = new PointerScope()) {
            Tensor beyond = values.gt(new Scalar(range.highest()));
            if (Double.isFinite(range.lowest())) {
                beyond = beyond.logical_or(values.lt(new Scalar(range.lowest())));
            }
            long[] count = counts.computeIfAbsent(activation, a -> new long[2]);
            count[0] += beyond.sum().item_long();
            count[1] += values.numel();
        }
    }

    /** The activation with the largest share. */
    Saturation worst() {
        Saturation worst = Saturation.NONE;
        for (Map.Entry<String, long[]> entry : counts.entrySet()) {
            double share = (double) entry.getValue()[0] / entry.getValue()[1];
            if (worst == Saturation.NONE || share > worst.share()) {
                worst = new Saturation(entry.getKey(), share);
            }
        }
        return worst;
    }
}
