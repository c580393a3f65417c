package io.cema.cloud.adaptation.torch;

/**
 * Every constant of the learning, so that measurements can vary them while product and evaluation share the code.
 *
 * @param batch fresh images of one step, B
 * @param replayFactor stored images of one step are this many times B
 * @param replayMinimum stored images before any is replayed
 * @param replayCapacity images the FIFO keeps
 * @param studentLearningRate SGD on the twin's normalisation parameters
 * @param foundationLearningRate SGD on the foundation model's normalisation parameters
 * @param momentum of both
 * @param entropyWeight of mean(w(H_s) H_s)
 * @param distillationWeight of mean(w(H_t) KL(t || s))
 * @param labelWeight of mean(w(H_t) CE(s, argmax t))
 * @param entropyMaxFraction E_max(0) = fraction * ln C in w(H) = exp(-(H - E_max(0)))
 * @param statisticsMomentum weight of a new batch in the running statistics, in (0, 1]
 * @param averageStart the first batches of a domain count alike in the running statistics, until their share has
 *     fallen to statisticsMomentum; false: the first batch alone starts them
 * @param statisticsPrior share of the source statistics in the first target statistics, in [0, 1]: 0 starts from the
 *     first batch alone
 * @param shiftThreshold mean symmetric divergence (nats per channel) between a fresh batch's statistics and the running
 *     ones above which the domain counts as changed and the statistics start anew; infinite: never. Without effect when
 *     calibration is on
 * @param calibration how statistics are found apart from learning
 */
public record AdaptationSettings(
        int batch,
        int replayFactor,
        int replayMinimum,
        int replayCapacity,
        double studentLearningRate,
        double foundationLearningRate,
        double momentum,
        double entropyWeight,
        double distillationWeight,
        double labelWeight,
        double entropyMaxFraction,
        double statisticsMomentum,
        boolean averageStart,
        double statisticsPrior,
        double shiftThreshold,
        Calibration calibration) {
    public AdaptationSettings {
        require(batch >= 1, "batch", batch, "at least 1");
        require(replayFactor >= 0, "replayFactor", replayFactor, "at least 0");
        require(replayMinimum >= 0, "replayMinimum", replayMinimum, "at least 0");
        require(replayCapacity >= 1, "replayCapacity", replayCapacity, "at least 1");
        require(positive(studentLearningRate), "studentLearningRate", studentLearningRate, "above 0");
        require(
                foundationLearningRate >= 0 && Double.isFinite(foundationLearningRate),
                "foundationLearningRate",
                foundationLearningRate,
                "at least 0");
        require(momentum >= 0 && momentum < 1, "momentum", momentum, "in [0, 1)");
        require(entropyWeight >= 0 && Double.isFinite(entropyWeight), "entropyWeight", entropyWeight, "at least 0");
        require(
                distillationWeight >= 0 && Double.isFinite(distillationWeight),
                "distillationWeight",
                distillationWeight,
                "at least 0");
        require(labelWeight >= 0 && Double.isFinite(labelWeight), "labelWeight", labelWeight, "at least 0");
        require(
                entropyMaxFraction > 0 && entropyMaxFraction <= 1,
                "entropyMaxFraction",
                entropyMaxFraction,
                "in (0, 1]");
        require(
                statisticsMomentum > 0 && statisticsMomentum <= 1,
                "statisticsMomentum",
                statisticsMomentum,
                "in (0, 1]");
        require(statisticsPrior >= 0 && statisticsPrior <= 1, "statisticsPrior", statisticsPrior, "in [0, 1]");
        require(shiftThreshold > 0, "shiftThreshold", shiftThreshold, "above 0");
    }

    /** The published method: statistics from the first batch, no detection of shifts. */
    public static AdaptationSettings published() {
        return new AdaptationSettings(
                32,
                3,
                256,
                10_000,
                2.5e-3,
                2.5e-4,
                0.9,
                3,
                3,
                1,
                0.4,
                0.1,
                false,
                0,
                Double.POSITIVE_INFINITY,
                Calibration.published());
    }

    /**
     * What the product runs by default: statistics calibrated on unfiltered images, learning behind each batch's own blend
     * of statistics, and gentler than published, since the statistics need not be caught up with.
     */
    public static AdaptationSettings defaults() {
        return new AdaptationSettings(
                32,
                1,
                64,
                10_000,
                1e-3,
                2.5e-4,
                0.9,
                1,
                3,
                1,
                0.4,
                0.1,
                true,
                0,
                DEFAULT_SHIFT_THRESHOLD,
                Calibration.defaults());
    }

    private static final double DEFAULT_SHIFT_THRESHOLD = 0.03;

    public AdaptationSettings withCalibration(Calibration other) {
        return new AdaptationSettings(
                batch,
                replayFactor,
                replayMinimum,
                replayCapacity,
                studentLearningRate,
                foundationLearningRate,
                momentum,
                entropyWeight,
                distillationWeight,
                labelWeight,
                entropyMaxFraction,
                statisticsMomentum,
                averageStart,
                statisticsPrior,
                shiftThreshold,
                other);
    }

    public AdaptationSettings withReplayCapacity(int capacity) {
        return new AdaptationSettings(
                batch,
                replayFactor,
                Math.min(replayMinimum, capacity),
                capacity,
                studentLearningRate,
                foundationLearningRate,
                momentum,
                entropyWeight,
                distillationWeight,
                labelWeight,
                entropyMaxFraction,
                statisticsMomentum,
                averageStart,
                statisticsPrior,
                shiftThreshold,
                calibration);
    }

    /** E_max(0) in nats for {@code classes} classes. */
    public double entropyMax(int classes) {
        return entropyMaxFraction * Math.log(classes);
    }

    /** Images of a full distillation batch, fresh and stored. */
    public int distillationBatch() {
        return batch * (1 + replayFactor);
    }

    private static boolean positive(double value) {
        return value > 0 && Double.isFinite(value);
    }

    private static void require(boolean holds, String name, double value, String range) {
        if (!holds) {
            throw new IllegalArgumentException("adaptation setting " + name + " must be " + range + ", is " + value);
        }
    }
}
