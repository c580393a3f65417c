package io.cema.protocol.model;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;

/**
 * How RGB pixels become the model's input: resize to (height, width), x/255, minus mean, divided by deviation, NCHW.
 *
 * @param mean per channel on the 0..1 scale, length 3
 * @param std per channel on the 0..1 scale, length 3, all &gt; 0
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Preprocessing(List<Double> mean, List<Double> std) {
    public Preprocessing {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        if (mean.size() != 3 || std.size() != 3) {
            throw new IllegalArgumentException(
                    "preprocessing needs 3 means and 3 deviations (RGB), got " + mean.size() + " and " + std.size());
        }
        for (double s : std) {
            if (!(s > 0)) {
                throw new IllegalArgumentException("preprocessing deviation must be above 0, is " + s);
            }
        }
    }
}
