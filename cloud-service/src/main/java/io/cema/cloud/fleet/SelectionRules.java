package io.cema.cloud.fleet;

import java.time.ZoneId;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Thresholds of the selection on the device and rules of its uplink, section {@code selection} of a cohort's policy. Zero
 * or absent means the agent's default; of what may leave the device, and when, the device's own setting counts too.
 */
@Schema(description = "Selection and uplink on the device; zero or absent means the agent's default")
public record SelectionRules(
        @Schema(description = "Upper entropy bound as a fraction of ln C, 0 to 1") float entropyMaxFraction,
        @Schema(description = "Lower entropy bound as a fraction of ln C, 0 to 1") float entropyMinFraction,
        @Schema(description = "Largest cosine to the average of the kept predictions, 0 to 1") float redundancyCosine,
        @Schema(description = "Pixel similarity from which frames are skipped, 0 to 1") float similarityThreshold,
        @Schema(description = "Share of frames uploaded at random, 0 to 1") float randomShare,
        @Schema(description = "Upload budget of any hour, 0 = unlimited") long bytesPerHour,
        @Schema(description = "Upload budget of any day, 0 = unlimited") long bytesPerDay,
        @Schema(description = "What may leave the device; its own setting must allow it too") Upload upload,
        @Schema(description = "Times at which nothing goes up, beside the device's own", example = "[\"22:00-06:00\"]")
                List<String> quietHours,
        @Schema(description = "Of the quiet hours; empty: the device's", example = "Europe/Berlin") String timeZone) {
    static final SelectionRules AGENT_DEFAULTS = new SelectionRules(0, 0, 0, 0, 0, 0, 0, Upload.DEVICE, List.of(), "");
    private static final int MOST_WINDOWS = 24;
    private static final Pattern WINDOW = Pattern.compile("([01]\\d|2[0-3]):[0-5]\\d-([01]\\d|2[0-3]):[0-5]\\d");

    /** What may leave the device. */
    public enum Upload {
        /** As its own setting says. */
        DEVICE,
        /** No image, and nothing made of one. */
        NONE,
        /** Normalisation statistics of many images in place of them. */
        STATISTICS,
        IMAGES
    }

    public SelectionRules {
        requireFraction("entropyMaxFraction", entropyMaxFraction);
        requireFraction("entropyMinFraction", entropyMinFraction);
        requireFraction("redundancyCosine", redundancyCosine);
        requireFraction("similarityThreshold", similarityThreshold);
        requireFraction("randomShare", randomShare);
        requireBudget("bytesPerHour", bytesPerHour);
        requireBudget("bytesPerDay", bytesPerDay);
        if (entropyMaxFraction > 0 && entropyMinFraction >= entropyMaxFraction) {
            throw new IllegalArgumentException("entropyMinFraction " + entropyMinFraction
                    + " must be below entropyMaxFraction " + entropyMaxFraction);
        }
        if (upload == null || quietHours == null || timeZone == null) {
            throw new IllegalArgumentException("upload, quietHours and timeZone must not be null; leave them away");
        }
        quietHours = List.copyOf(quietHours);
        requireWindows(quietHours);
        requireZone(timeZone);
    }

    private static void requireFraction(String name, float value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " must be from 0 to 1, is " + value);
        }
    }

    private static void requireBudget(String name, long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException(name + " must not be negative, is " + bytes);
        }
    }

    private static void requireWindows(List<String> windows) {
        if (windows.size() > MOST_WINDOWS) {
            throw new IllegalArgumentException(
                    "quietHours has " + windows.size() + " windows, at most " + MOST_WINDOWS);
        }
        for (String window : windows) {
            if (!WINDOW.matcher(window).matches() || window.startsWith(window.substring(window.length() / 2 + 1))) {
                throw new IllegalArgumentException(
                        "quietHours \"" + window + "\" are not two different times of a day such as 22:00-06:00");
            }
        }
    }

    /** The agent's Java may know other zones than this one; those of the tz database both know. */
    private static void requireZone(String zone) {
        if (!zone.isEmpty() && !ZoneId.getAvailableZoneIds().contains(zone)) {
            throw new IllegalArgumentException("timeZone \"" + zone + "\" is not one such as Europe/Berlin");
        }
    }
}
