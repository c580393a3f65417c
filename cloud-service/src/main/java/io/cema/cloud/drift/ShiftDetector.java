package io.cema.cloud.drift;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;

/**
 * Evidence that scores are no longer what they were, without knowing how they are distributed.
 *
 * <p>Each score is ranked among all before it: its p-value is the share of them, itself included, that lie as high. While
 * scores are exchangeable (any order of them is as likely as any other) p-values are independent and never smaller than
 * uniform ones, whatever the scores' distribution (Vovk, Nouretdinov and Gammerman, "Testing exchangeability on-line", ICML
 * 2003). Against that one bets that they are small: that p is u at most, at odds of {@code (1 - d) / u} to
 * {@code d / (1 - u)}, which on average give back what was laid, at most. Each observation one more unit is laid, spread over
 * several u, all that was won is laid again, and a part of it is spread anew: behind a shift p is at first the smallest that
 * can be, and grows as scores behind the shift become many. So, with R the wealth (the Shiryaev-Roberts statistic as an
 * e-detector; Shin, Ramdas and Rinaldo, "E-detectors", 2023), R less the number of observations is a supermartingale, and
 * for every n and A
 *
 * <pre>P(R reaches A within n observations) &lt;= n / A, and the mean time to a false alarm is at least A observations.</pre>
 *
 * That holds from any moment on and for ever. Since a unit is laid anew each time, a long quiet time costs no delay.
 *
 * <p>Scores count in {@value #BINS} bins of their square roots, the same ones always: ties only make p-values larger. The
 * state is small and never grows. One thread.
 */
final class ShiftDetector {
    static final int BINS = 128;
    /** The u of bet i is 2^-((i + 1) / 2): from 0.7 to 0.004. */
    private static final int BETS = 16;

    /** d: laid on the opposite. */
    private static final double OPPOSITE = 0.1;

    /** Spread anew over all bets, after each observation. */
    private static final double SPREAD = 0.1;

    private static final double MOST = 1e30;

    @JsonProperty
    private long[] bins = new long[BINS];

    @JsonProperty
    private long count;

    @JsonProperty
    private double[] wealth = new double[BETS];

    /**
     * The next score, in order of time.
     *
     * @param score 0 to 1
     */
    void observe(double score) {
        int own = bin(score);
        bins[own]++;
        count++;
        double p = (double) asHigh(own) / count;
        double won = 0;
        for (int i = 0; i < BETS; i++) {
            double u = Math.pow(2, -(i + 1) / 2.0);
            double odds = p <= u ? (1 - OPPOSITE) / u : OPPOSITE / (1 - u);
            wealth[i] = Math.min(MOST, (wealth[i] + 1.0 / BETS) * odds);
            won += wealth[i];
        }
        for (int i = 0; i < BETS; i++) {
            wealth[i] = (1 - SPREAD) * wealth[i] + SPREAD * won / BETS;
        }
    }

    /** What was won; an alarm at A is a false one at most once in A observations. */
    double evidence() {
        return Arrays.stream(wealth).sum();
    }

    /** The share of the scores so far that lie below this one, which is not counted. */
    double rank(double score) {
        return count == 0 ? 0.5 : 1 - (double) asHigh(bin(score)) / count;
    }

    private long asHigh(int bin) {
        long higher = 0;
        for (int i = bin; i < BINS; i++) {
            higher += bins[i];
        }
        return higher;
    }

    private static int bin(double score) {
        if (!(score >= 0 && score <= 1)) {
            throw new IllegalArgumentException("a score must be in [0, 1], is " + score);
        }
        return (int) Math.min(BINS - 1, Math.sqrt(score) * BINS);
    }
}
