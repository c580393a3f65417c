package io.cema.cloud.adaptation.torch;

import io.cema.protocol.onnx.OnnxModel;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * What leaving all weights but those of the normalisation layers out of the backward graph saves: the same batch through
 * two copies of a model in turn, one as the product learns, one with a gradient for every weight. For benchmarks. One
 * thread; owns both models until closed.
 */
public final class BackwardCost implements AutoCloseable {
    private final TorchModel pruned;
    private final TorchModel full;

    /** Medians over the rounds, nanoseconds of one batch. */
    public record Result(long forward, long prunedBackward, long fullBackward) {}

    public BackwardCost(OnnxModel onnx, int threads) {
        this.pruned = TorchModel.load(onnx, TorchSettings.cpu(threads));
        this.full = TorchModel.load(onnx, TorchSettings.cpu(threads));
        full.allParameters();
    }

    /**
     * @param input float32 [n, 3, height, width] of the model, flat
     * @param rounds after one that does not count, at least 1
     */
    public Result measure(float[] input, int n, int rounds) {
        long[] forward = new long[rounds];
        long[] prunedBackward = new long[rounds];
        long[] fullBackward = new long[rounds];
        for (int round = -1; round < rounds; round++) {
            long[] one = once(pruned, input, n);
            long[] other = once(full, input, n);
            if (round >= 0) {
                forward[round] = one[0];
                prunedBackward[round] = one[1];
                fullBackward[round] = other[1];
            }
        }
        return new Result(median(forward), median(prunedBackward), median(fullBackward));
    }

    private static long[] once(TorchModel model, float[] input, int n) {
        try (PointerScope scope = new PointerScope()) {
            Tensor images = TensorData.of(
                    input, n, 3, model.source().height(), model.source().width());
            long started = System.nanoTime();
            Tensor loss = model.forward(images, NormMode.BLEND)
                    .log_softmax(1)
                    .square()
                    .mean();
            long forwarded = System.nanoTime();
            loss.backward();
            return new long[] {forwarded - started, System.nanoTime() - forwarded};
        }
    }

    private static long median(long[] values) {
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    @Override
    public void close() {
        pruned.close();
        full.close();
    }
}
