package io.cema.trt.power;

import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/**
 * Joules since the first sample: differences of the energy counter where there is one, else power integrated over time by
 * the trapezoid rule. Confined to one thread at a time.
 *
 * <p>Time without samples, because reads failed, is bridged from the last good one to the next; so energy and work done
 * meanwhile stay comparable. A counter that stands lower than before has begun anew (the driver was loaded again): what it
 * shows is what has been used since, and what was used between the last sample and its restart is lost.
 */
public final class EnergyMeter {
    private final EnergySource source;
    private final LongSupplier nanoClock;
    private boolean begun;
    private double joules;
    private double lastCounter;
    private double lastWatts;
    private long lastNanos;

    /**
     * @param source of the sensor whose readings will come
     * @param nanoClock monotonic, e.g. {@code System::nanoTime}
     */
    public EnergyMeter(EnergySource source, LongSupplier nanoClock) {
        this.source = source;
        this.nanoClock = nanoClock;
    }

    /** Where {@link #joules} come from. */
    public EnergySource source() {
        return source;
    }

    /**
     * Takes a reading made just now.
     *
     * @throws IllegalArgumentException if it lacks what the source promised; nothing is taken then
     */
    public void sample(PowerReading reading) {
        switch (source) {
            case COUNTER -> count(required(reading.counterJoules(), "the energy counter"));
            case POWER -> integrate(required(reading.watts(), "power"), nanoClock.getAsLong());
            case NONE -> {
                return;
            }
        }
        begun = true;
    }

    /** Energy used since the first sample; empty before it, and without a source. Never falls. */
    public OptionalDouble joules() {
        return begun ? OptionalDouble.of(joules) : OptionalDouble.empty();
    }

    private void count(double counter) {
        if (begun) {
            joules += counter >= lastCounter ? counter - lastCounter : counter;
        }
        lastCounter = counter;
    }

    private void integrate(double watts, long nanos) {
        if (begun) {
            joules += (lastWatts + watts) / 2 * ((nanos - lastNanos) / 1e9);
        }
        lastWatts = watts;
        lastNanos = nanos;
    }

    private double required(OptionalDouble value, String what) {
        return value.orElseThrow(() -> new IllegalArgumentException(
                "a reading for an energy source of " + source + " must have " + what + ", has none"));
    }
}
