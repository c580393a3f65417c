package io.cema.cloud.drift;

/** How far an observation lies from a reference. Pure. */
interface Scoring {
    /**
     * @param observed as long as the reference
     * @return 0 to 1, the larger the further
     */
    double score(double[] observed, double[] reference);

    /** How much further than usual the mean score must lie before anybody is told: less is of no consequence. */
    double margin();
}
