package io.cema.edge.statistics;

import java.time.Duration;

/**
 * How statistics are made.
 *
 * @param frames in one report, at least {@value #FEWEST_FRAMES}: of fewer, a frame could be guessed at
 * @param interval between two frames taken; 0: every frame
 */
public record StatisticsSettings(int frames, Duration interval) {
    /** As the cloud demands it, too. */
    public static final int FEWEST_FRAMES = 32;

    public StatisticsSettings {
        if (frames < FEWEST_FRAMES) {
            throw new IllegalArgumentException("cema.uplink.statistics-frames must be at least " + FEWEST_FRAMES
                    + ", so that no single frame shows in the numbers; is " + frames);
        }
        if (interval.isNegative()) {
            throw new IllegalArgumentException("cema.uplink.statistics-interval must not be negative, is " + interval);
        }
    }
}
