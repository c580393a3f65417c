package io.cema.trt.power;

import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a sensor said at one moment.
 *
 * @param watts of the whole module or card; finite, not negative
 * @param counterJoules state of the hardware's energy counter, which began at some time in the past; finite, not negative
 * @param celsius temperature by zone, in the sensor's order; a zone that is switched off is not in it
 */
public record PowerReading(OptionalDouble watts, OptionalDouble counterJoules, Map<String, Double> celsius) {
    public PowerReading {
        requireAmount("watts", watts);
        requireAmount("joules", counterJoules);
        celsius = Collections.unmodifiableMap(new LinkedHashMap<>(celsius));
    }

    /** Neither power nor temperature. */
    public static PowerReading nothing() {
        return new PowerReading(OptionalDouble.empty(), OptionalDouble.empty(), Map.of());
    }

    /** The zone that limits the machine first. */
    public Optional<Map.Entry<String, Double>> hottest() {
        return celsius.entrySet().stream().max(Comparator.comparingDouble(Map.Entry::getValue));
    }

    private static void requireAmount(String what, OptionalDouble value) {
        if (value.isPresent() && !(value.getAsDouble() >= 0 && value.getAsDouble() < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(what + " must be finite and not negative, are " + value.getAsDouble());
        }
    }
}
