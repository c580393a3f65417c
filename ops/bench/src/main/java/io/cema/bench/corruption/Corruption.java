package io.cema.bench.corruption;

import io.cema.protocol.image.Image;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * One way in which the world spoils an image, at severities 1 (slight) to 5 (strong).
 *
 * <p>The definitions and constants are those of the common corruptions benchmark for 32x32 images (Hendrycks and
 * Dietterich, ICLR 2019), "-C style": written anew, hence equal in kind and strength but not bit-identical to the
 * published files. Radii and displacements are in pixels and do not grow with the image; the fog map does. Every
 * corruption works on values in [0, 1], clips there, and truncates to 8 bits.
 *
 * <p>Instances are immutable and may be used by any thread. All randomness comes from the generator of the call, so
 * the same image, severity and seed give the same bytes.
 */
public final class Corruption {
    /** The strongest severity. The weakest is 1. */
    public static final int MAX_SEVERITY = 5;

    private static final List<Corruption> ALL = List.of(
            new Corruption("gaussian_noise", Noise::gaussian),
            new Corruption("shot_noise", Noise::shot),
            new Corruption("impulse_noise", Noise::impulse),
            new Corruption("defocus_blur", Blur::defocus),
            new Corruption("motion_blur", Blur::motion),
            new Corruption("zoom_blur", Blur::zoom),
            new Corruption("snow", Weather::snow),
            new Corruption("fog", Weather::fog),
            new Corruption("brightness", Light::brightness),
            new Corruption("contrast", Light::contrast),
            new Corruption("elastic", Sampling::elastic),
            new Corruption("pixelate", Sampling::pixelate),
            new Corruption("jpeg", Sampling::jpeg),
            new Corruption("dark", Light::dark));

    private static final Map<String, Corruption> BY_NAME =
            ALL.stream().collect(Collectors.toUnmodifiableMap(Corruption::name, Function.identity()));

    private static final Map<String, String> ALIASES = Map.ofEntries(
            Map.entry("gaussian", "gaussian_noise"),
            Map.entry("noise", "gaussian_noise"),
            Map.entry("shot", "shot_noise"),
            Map.entry("impulse", "impulse_noise"),
            Map.entry("defocus", "defocus_blur"),
            Map.entry("motion", "motion_blur"),
            Map.entry("zoom", "zoom_blur"),
            Map.entry("bright", "brightness"),
            Map.entry("elastic_transform", "elastic"),
            Map.entry("jpeg_compression", "jpeg"),
            Map.entry("night", "dark"));

    private final String name;
    private final Effect effect;

    private Corruption(String name, Effect effect) {
        this.name = name;
        this.effect = effect;
    }

    /** The fourteen corruptions, in the order in which tables list them. */
    public static List<Corruption> all() {
        return ALL;
    }

    /**
     * Finds a corruption by its name or a usual alias ({@code night} is {@code dark}, {@code motion} is {@code
     * motion_blur}, ...). Case, and {@code -} or a blank for {@code _}, do not matter.
     *
     * @throws IllegalArgumentException if there is none of that name; the message lists them
     */
    public static Corruption of(String name) {
        String key = name.strip().toLowerCase(Locale.ROOT).replace('-', '_').replace(' ', '_');
        Corruption found = BY_NAME.get(ALIASES.getOrDefault(key, key));
        if (found == null) {
            throw new IllegalArgumentException("unknown corruption '" + name + "'; choose one of "
                    + ALL.stream().map(Corruption::name).collect(Collectors.joining(", ")));
        }
        return found;
    }

    /** The canonical name, as in tables and options. */
    public String name() {
        return name;
    }

    /**
     * Spoils one image; the argument is left as it is.
     *
     * @param image at least 1x1 pixels
     * @param severity 1 to 5
     * @param random the only source of randomness; how much is drawn depends on corruption, severity and image
     * @return an image of the same size
     * @throws IllegalArgumentException if the severity is out of range
     */
    public Image apply(Image image, int severity, RandomGenerator random) {
        if (severity < 1 || severity > MAX_SEVERITY) {
            throw new IllegalArgumentException(
                    "corruption " + name + ": severity " + severity + " is not in 1.." + MAX_SEVERITY);
        }
        Pixels pixels = Pixels.of(image);
        return effect.apply(pixels, severity - 1, random).toImage();
    }

    @Override
    public String toString() {
        return name;
    }

    /** The work itself: may write into its argument; {@code level} is the severity counted from 0. */
    @FunctionalInterface
    interface Effect {
        Pixels apply(Pixels pixels, int level, RandomGenerator random);
    }
}
