package io.cema.cloud.rollout.health;

/**
 * Evidence against the claim that what is observed has a conditional mean of 0 or below: the wealth of a gambler who bets
 * on the opposite. While the claim holds the wealth is a non-negative supermartingale that starts at 1, so by Ville's
 * inequality it ever reaches 1/a with probability a at most, however often one looks (Waudby-Smith and Ramdas, "Estimating
 * means of bounded random variables by betting", JRSS B 86, 2024).
 *
 * <p>The stakes are a fixed mixture, so nothing has to be chosen by looking at the data. One thread.
 */
final class BettingProcess {
    private static final double[] STAKES = {1 / 32.0, 1 / 16.0, 1 / 8.0, 1 / 4.0, 1 / 2.0, 0.9};

    private final double[] logWealth = new double[STAKES.length];

    /** @param value -1 or above */
    void observe(double value) {
        if (!(value >= -1)) {
            throw new IllegalArgumentException("a bet needs a value of at least -1, got " + value);
        }
        for (int i = 0; i < STAKES.length; i++) {
            logWealth[i] += Math.log1p(STAKES[i] * value);
        }
    }

    /** Natural logarithm of the mixture's wealth. */
    double logWealth() {
        double most = Double.NEGATIVE_INFINITY;
        for (double log : logWealth) {
            most = Math.max(most, log);
        }
        double sum = 0;
        for (double log : logWealth) {
            sum += Math.exp(log - most);
        }
        return most + Math.log(sum / STAKES.length);
    }
}
