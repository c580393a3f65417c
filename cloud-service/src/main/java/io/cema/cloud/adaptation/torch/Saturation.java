package io.cema.cloud.adaptation.torch;

/**
 * How much of an activation lies beyond what its integers hold.
 *
 * @param activation name of the quantised value; empty if the model has none
 * @param share of its values, 0 to 1
 */
public record Saturation(String activation, double share) {
    /** Of a model that computes in float32. */
    public static final Saturation NONE = new Saturation("", 0);
}
