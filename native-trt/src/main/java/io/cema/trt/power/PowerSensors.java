package io.cema.trt.power;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Finds the sensor of this machine. A data-centre card comes first, as it does the work; then a Jetson's monitors; then
 * thermal zones. Never fails: what is not there is said in the answer.
 */
public final class PowerSensors {
    /** Where Linux mounts sysfs. */
    public static final Path SYS = Path.of("/sys");

    /** Which sensor is wanted. */
    public enum Choice {
        /** The best there is. */
        AUTO,
        NVML,
        INA3221,
        THERMAL,
        NONE
    }

    /**
     * @param sensor belongs to whoever asked
     * @param passedOver why what would have been better was not taken
     */
    public record Found(PowerSensor sensor, List<String> passedOver) {
        public Found {
            passedOver = List.copyOf(passedOver);
        }

        /** One line. */
        public String description() {
            return passedOver.isEmpty()
                    ? sensor.description()
                    : sensor.description() + " (" + String.join("; ", passedOver) + ")";
        }
    }

    private PowerSensors() {}

    /** The best sensor of this machine. */
    public static Found detect() {
        return find(Choice.AUTO, SYS, Optional.empty());
    }

    /**
     * @param choice one kind alone, or the best; native code is loaded for AUTO and NVML only
     * @param sys where sysfs is mounted
     * @param pciBusId which card, where there are several; empty for the first
     */
    public static Found find(Choice choice, Path sys, Optional<String> pciBusId) {
        List<String> passedOver = new ArrayList<>();
        return wanted(choice, Choice.NVML, passedOver, () -> NvmlSensor.open(pciBusId))
                .or(() -> wanted(choice, Choice.INA3221, passedOver, () -> Ina3221Sensor.open(sys)))
                .or(() -> wanted(choice, Choice.THERMAL, passedOver, () -> ThermalSensor.open(sys)))
                .map(sensor -> new Found(sensor, passedOver))
                .orElseGet(() -> new Found(new NoSensor(), passedOver));
    }

    private static Optional<PowerSensor> wanted(
            Choice choice, Choice kind, List<String> passedOver, Supplier<PowerSensor> opener) {
        if (choice != Choice.AUTO && choice != kind) {
            return Optional.empty();
        }
        try {
            return Optional.of(opener.get());
        } catch (RuntimeException | LinkageError e) {
            passedOver.add(e instanceof SensorException ? e.getMessage() : kind + ": " + e);
            return Optional.empty();
        }
    }
}
