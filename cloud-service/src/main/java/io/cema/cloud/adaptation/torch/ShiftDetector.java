package io.cema.cloud.adaptation.torch;

/**
 * Tells a change of domain from the scatter of batches. The scatter falls with the number of images and differs between
 * streams (classes in runs scatter more), so a shift must exceed both the threshold and a multiple of what is usual.
 * Measured on two CIFAR-10 ResNets and two traffic sign nets: 0.00 to 0.02 within a domain for 12 to 32 images, 0.06 and
 * more between corruptions.
 */
final class ShiftDetector {
    private static final double TIMES_USUAL = 3;
    private static final double MEMORY = 0.8;

    private final double threshold;
    private final int batch;
    private double usual;

    /**
     * @param threshold nats per channel for a batch of {@code batch} images; infinite: never a shift
     */
    ShiftDetector(double threshold, int batch) {
        this.threshold = threshold;
        this.batch = batch;
    }

    /** @param divergence of these images from the running statistics; 0 if there were none */
    boolean isShift(double divergence, int images) {
        double scatter = Math.sqrt((double) batch / Math.min(batch, images));
        double comparable = divergence / scatter;
        if (comparable > Math.max(threshold, TIMES_USUAL * usual)) {
            usual = 0;
            return true;
        }
        usual = usual == 0 ? comparable : MEMORY * usual + (1 - MEMORY) * comparable;
        return false;
    }

    /** Moving average within the present domain, 0 before the first. */
    double usual() {
        return usual;
    }

    void restore(double value) {
        usual = value;
    }
}
