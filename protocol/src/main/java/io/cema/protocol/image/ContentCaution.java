package io.cema.protocol.image;

/**
 * How much more than usual it takes to believe that a domain has changed, by what the frames show. A lorry after the other
 * changes how frames look as fog does; but frames in fog show what they showed before, and lorries are of one class. Stateless.
 */
public final class ContentCaution {
    private static final double MOST = 4;

    private ContentCaution() {}

    /**
     * @param counts predictions per class among the frames, length C, in [0, number of frames]
     * @return factor on the distance of a change: 1 for frames of all classes, 4 for frames of one
     */
    public static double factor(int[] counts) {
        return MOST - (MOST - 1) * variety(counts);
    }

    /**
     * As many classes of equal share would have the entropy of the counts, as a share of the classes there can be: 0 to 1.
     * Corrected for what few frames miss (Miller and Madow, 1955).
     */
    private static double variety(int[] counts) {
        int frames = 0;
        int seen = 0;
        for (int count : counts) {
            frames += count;
            seen += count > 0 ? 1 : 0;
        }
        int possible = Math.min(frames, counts.length);
        if (possible < 2) {
            return 1;
        }
        double entropy = (seen - 1) / (2.0 * frames);
        for (int count : counts) {
            double share = (double) count / frames;
            entropy -= share > 0 ? share * Math.log(share) : 0;
        }
        return Math.min(1, (Math.exp(entropy) - 1) / (possible - 1));
    }
}
