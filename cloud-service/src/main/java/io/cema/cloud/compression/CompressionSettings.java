package io.cema.cloud.compression;

/**
 * How to compress. {@link #defaults} are the values of GPUSQ-ViT (CVPR 2023) where it names any.
 *
 * @param sparsity of the weights
 * @param quantization of weights and activations
 * @param calibration how the ranges of activations are found
 * @param distillation the parts of the loss
 * @param sparseStage training after pruning
 * @param quantizedStage training under fake quantisation
 * @param batch images per step
 * @param seed of the order and the augmentation of the images
 * @param threads of libtorch, 0 for its default
 */
public record CompressionSettings(
        Sparsity sparsity,
        Quantization quantization,
        Calibration calibration,
        Distillation distillation,
        Schedule sparseStage,
        Schedule quantizedStage,
        int batch,
        long seed,
        int threads) {
    /** Which weights go. */
    public enum Sparsity {
        NONE,
        /** Of each 4 consecutive input channels the 2 of largest magnitude stay. */
        TWO_OF_FOUR
    }

    /** Into which numbers weights and activations go. */
    public enum Quantization {
        NONE,
        INT8
    }

    /** How the range of an activation is chosen. */
    public enum Method {
        /** All that was seen. */
        MIN_MAX,
        /** Leaves out a share of the largest magnitudes. */
        PERCENTILE,
        /** The range whose quantised distribution diverges least from the measured one. */
        ENTROPY
    }

    /**
     * @param percentile for {@link Method#PERCENTILE}: share of values within the range, in percent
     * @param tolerated share of an activation's values beyond its range that is still taken, 0 to 1
     */
    public record Calibration(Method method, double percentile, double tolerated) {
        public Calibration {
            require(percentile > 50 && percentile <= 100, "percentile must be above 50 and at most 100", percentile);
            require(tolerated >= 0 && tolerated < 1, "tolerated saturation must be in [0, 1)", tolerated);
        }
    }

    /**
     * Weights of the parts; only their proportion counts.
     *
     * @param hard cross entropy with the teacher's class
     * @param soft divergence from the teacher's softened probabilities
     * @param feature relative squared distance of late features
     * @param temperature that softens, above 0
     */
    public record Distillation(double hard, double soft, double feature, double temperature) {
        public Distillation {
            require(hard >= 0 && soft >= 0 && feature >= 0, "distillation weights must not be negative", hard);
            require(hard + soft + feature > 0, "one of the distillation weights must be above 0", 0);
            require(temperature > 0, "temperature must be above 0", temperature);
        }
    }

    /**
     * @param epochs passes over the images, 0 for none
     * @param learningRate the highest; falls to 0 along a cosine
     */
    public record Schedule(int epochs, double learningRate) {
        public Schedule {
            require(epochs >= 0, "epochs must not be negative", epochs);
            require(learningRate > 0, "learning rate must be above 0", learningRate);
        }
    }

    public CompressionSettings {
        require(batch >= 2, "batch must be at least 2", batch);
        require(threads >= 0, "threads must not be negative", threads);
        require(
                sparsity != Sparsity.NONE || quantization != Quantization.NONE,
                "sparsity and quantization are both NONE: there is nothing to do",
                "none");
    }

    public static CompressionSettings defaults() {
        return new CompressionSettings(
                Sparsity.TWO_OF_FOUR,
                Quantization.INT8,
                new Calibration(Method.PERCENTILE, 99.99, 0.01),
                new Distillation(1, 10, 5, 2),
                new Schedule(6, 0.02),
                new Schedule(3, 0.004),
                64,
                1,
                0);
    }

    private static void require(boolean holds, String rule, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(rule + ", is " + value);
        }
    }
}
