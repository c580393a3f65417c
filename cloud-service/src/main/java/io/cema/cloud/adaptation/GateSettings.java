package io.cema.cloud.adaptation;

/**
 * When an update is good enough.
 *
 * @param minimumImages below this many untrained images nothing is published: the loop waits for more
 * @param images most images judged on, the newest ones
 * @param agreementMargin agreement with the adapted teacher may fall by this much, beyond chance
 * @param frozenMargin agreement with the frozen source teacher may fall by this much, beyond chance; with the adapted one
 *     too while the live version is of the domain before
 * @param entropyMargin mean entropy may rise by this much, nats
 * @param collapseMargin share of the most frequent class above the frozen teacher's and the live version's
 * @param saturationLimit largest share of saturated activations of a quantised model
 */
public record GateSettings(
        int minimumImages,
        int images,
        double agreementMargin,
        double frozenMargin,
        double entropyMargin,
        double collapseMargin,
        double saturationLimit) {
    public GateSettings {
        require(minimumImages >= 1, "minimumImages", minimumImages, "at least 1");
        require(images >= minimumImages, "images", images, "at least minimumImages (" + minimumImages + ")");
        share(agreementMargin, "agreementMargin");
        share(frozenMargin, "frozenMargin");
        require(entropyMargin >= 0 && Double.isFinite(entropyMargin), "entropyMargin", entropyMargin, "at least 0");
        share(collapseMargin, "collapseMargin");
        share(saturationLimit, "saturationLimit");
    }

    public static GateSettings defaults() {
        return new GateSettings(8, 64, 0.02, 0.10, 0.20, 0.30, 0.01);
    }

    private static void share(double value, String name) {
        require(value >= 0 && value <= 1, name, value, "in [0, 1]");
    }

    private static void require(boolean holds, String name, double value, String range) {
        if (!holds) {
            throw new IllegalArgumentException("gate setting " + name + " must be " + range + ", is " + value);
        }
    }
}
