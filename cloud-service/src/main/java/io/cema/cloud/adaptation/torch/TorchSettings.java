package io.cema.cloud.adaptation.torch;

/**
 * How a {@link TorchModel} runs.
 *
 * @param device where
 * @param threads libtorch's threads for one operation, process-wide; 0 leaves them as they are
 * @param momentum share of a new batch in the running target statistics, in (0, 1]; 0.1 in the published method
 * @param sourceWeight share of the source statistics in the first target statistics, in [0, 1]: 0 starts from the
 *     first batch alone, as published; above 0 guards against a small or one-sided first batch
 */
public record TorchSettings(Device device, int threads, double momentum, double sourceWeight) {
    /** Where tensors live. */
    public enum Device {
        CPU,
        CUDA
    }

    public TorchSettings {
        if (threads < 0) {
            throw new IllegalArgumentException("threads must not be negative, is " + threads);
        }
        if (!(momentum > 0 && momentum <= 1)) {
            throw new IllegalArgumentException("momentum must be in (0, 1], is " + momentum);
        }
        if (!(sourceWeight >= 0 && sourceWeight <= 1)) {
            throw new IllegalArgumentException("sourceWeight must be in [0, 1], is " + sourceWeight);
        }
    }

    /** On the CPU with the published constants. */
    public static TorchSettings cpu(int threads) {
        return new TorchSettings(Device.CPU, threads, 0.1, 0);
    }

    /** On the first CUDA device with the published constants. */
    public static TorchSettings cuda() {
        return new TorchSettings(Device.CUDA, 0, 0.1, 0);
    }

    /** Other constants for the running target statistics. */
    public TorchSettings withStatistics(double newMomentum, double newSourceWeight) {
        return new TorchSettings(device, threads, newMomentum, newSourceWeight);
    }
}
