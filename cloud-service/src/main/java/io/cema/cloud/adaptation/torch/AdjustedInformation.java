package io.cema.cloud.adaptation.torch;

import java.util.Arrays;
import java.util.List;

/**
 * How much the classes of some groups' members say of which group they are in, beyond chance: mutual information less what groups
 * and classes of these sizes have in the mean over all ways to deal them out (Vinh, Epps and Bailey, JMLR 2010), as a share of the
 * most that it could be. Pure.
 */
final class AdjustedInformation {
    private static final double LEAST = 1e-9;

    private AdjustedInformation() {}

    /**
     * @param groups the class of each member
     * @param classes C
     * @return 0 if the two go together by chance at most, 1 if the class says it all; may be a little below 0
     */
    static double of(List<int[]> groups, int classes) {
        int[] sizes = groups.stream().mapToInt(group -> group.length).toArray();
        int[] shown = new int[classes];
        double information = 0;
        int all = Arrays.stream(sizes).sum();
        int[][] counts = new int[sizes.length][classes];
        for (int g = 0; g < sizes.length; g++) {
            for (int c : groups.get(g)) {
                counts[g][c]++;
                shown[c]++;
            }
        }
        double[] factorial = logFactorials(all);
        double expected = 0;
        for (int g = 0; g < sizes.length; g++) {
            for (int c = 0; c < classes; c++) {
                information += term(counts[g][c], sizes[g], shown[c], all);
                expected += expected(sizes[g], shown[c], all, factorial);
            }
        }
        double most = entropy(sizes, all) - expected;
        return most < LEAST ? 0 : (information - expected) / most;
    }

    /** What a group and a class that share so many members add to the mutual information, nats. */
    private static double term(int common, int group, int shown, int all) {
        return common == 0 ? 0 : (double) common / all * Math.log((double) common * all / ((double) group * shown));
    }

    /** The mean of {@link #term}: members in common have a hypergeometric distribution. */
    private static double expected(int group, int shown, int all, double[] factorial) {
        double sum = 0;
        for (int common = Math.max(1, group + shown - all); common <= Math.min(group, shown); common++) {
            double logProbability = factorial[group]
                    + factorial[shown]
                    + factorial[all - group]
                    + factorial[all - shown]
                    - factorial[all]
                    - factorial[common]
                    - factorial[group - common]
                    - factorial[shown - common]
                    - factorial[all - group - shown + common];
            sum += Math.exp(logProbability) * term(common, group, shown, all);
        }
        return sum;
    }

    private static double entropy(int[] sizes, int all) {
        return Arrays.stream(sizes)
                .filter(size -> size > 0)
                .mapToDouble(size -> -(double) size / all * Math.log((double) size / all))
                .sum();
    }

    private static double[] logFactorials(int most) {
        double[] logs = new double[most + 1];
        for (int i = 1; i <= most; i++) {
            logs[i] = logs[i - 1] + Math.log(i);
        }
        return logs;
    }
}
