package io.cema.trt.power;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The INA3221 power monitors of a Jetson Orin by the kernel's hwmon driver: up to three channels each, millivolts in
 * {@code inN_input}, milliamperes in {@code currN_input}, the rail's name in {@code inN_label}. One reading is some I2C
 * transfers of about half a millisecond. Holds nothing open.
 *
 * <p>Which rails make up the module differs. Orin Nano and NX have VDD_IN, the module's input, which contains the others
 * (VDD_CPU_GPU_CV, VDD_SOC). AGX Orin has no such rail: VDD_GPU_SOC, VDD_CPU_CV and VIN_SYS_5V0 stand beside each other
 * and are added. Its fourth, VDDQ_VDD2_1V8AO on the second chip, is the memory's, which the 5 V rail feeds (both read the
 * same bus voltage), so it would be counted twice. Neither contains the carrier board. Rails that are not known are not
 * added up by guess: such a machine has no known power.
 */
final class Ina3221Sensor implements PowerSensor {
    private static final int CHANNELS = 3;
    private static final List<List<String>> TOTALS =
            List.of(List.of("VDD_IN"), List.of("VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0"));

    private final List<Rail> rails;
    private final ThermalZones zones;
    private volatile boolean closed;

    private Ina3221Sensor(List<Rail> rails, ThermalZones zones) {
        this.rails = rails;
        this.zones = zones;
    }

    /**
     * @param sys where sysfs is mounted
     * @throws SensorException if there is no monitor, or none whose rails are known to make up a module
     */
    static Ina3221Sensor open(Path sys) {
        Path driver = sys.resolve("bus/i2c/drivers/ina3221");
        Map<String, Rail> found = rails(driver);
        if (found.isEmpty()) {
            throw new SensorException("no ina3221 below " + driver);
        }
        List<String> total = TOTALS.stream()
                .filter(found.keySet()::containsAll)
                .findFirst()
                .orElseThrow(() -> new SensorException("ina3221 below " + driver + " has the rails " + found.keySet()
                        + ", which make up no total that is known (one of " + TOTALS + ")"));
        return new Ina3221Sensor(total.stream().map(found::get).toList(), ThermalZones.find(sys));
    }

    @Override
    public String description() {
        return "ina3221 " + String.join("+", rails.stream().map(Rail::name).toList());
    }

    @Override
    public EnergySource energySource() {
        return EnergySource.POWER;
    }

    @Override
    public PowerReading read() {
        if (closed) {
            throw new IllegalStateException("the sensor \"" + description() + "\" is closed");
        }
        double watts = 0;
        for (Rail rail : rails) {
            watts += rail.watts();
        }
        if (watts < 0) {
            throw new SensorException(
                    description() + " adds up to " + watts + " W, which cannot be (wired backwards?)");
        }
        return new PowerReading(OptionalDouble.of(watts), OptionalDouble.empty(), zones.celsius());
    }

    @Override
    public void close() {
        closed = true;
    }

    private static Map<String, Rail> rails(Path driver) {
        Map<String, Rail> rails = new LinkedHashMap<>();
        for (Path chip : SysfsFile.list(driver, "*")) {
            for (Path hwmon : SysfsFile.list(chip.resolve("hwmon"), "hwmon*")) {
                for (int channel = 1; channel <= CHANNELS; channel++) {
                    Path label = hwmon.resolve("in" + channel + "_label");
                    // A channel that is not wired has no label, or cannot tell it.
                    if (Files.exists(label)) {
                        Rail rail = new Rail(
                                label(label),
                                hwmon.resolve("in" + channel + "_input"),
                                hwmon.resolve("curr" + channel + "_input"));
                        rails.put(rail.name(), rail);
                    }
                }
            }
        }
        return rails;
    }

    private static String label(Path file) {
        try {
            return SysfsFile.line(file);
        } catch (IOException e) {
            throw new SensorException("cannot read " + file + ": " + e, e);
        }
    }

    /** One monitored supply. */
    private record Rail(String name, Path millivolts, Path milliamperes) {
        /** May be slightly below zero at idle, by the offset of the monitor. */
        double watts() {
            return SysfsFile.number(millivolts) * (double) SysfsFile.number(milliamperes) / 1e6;
        }
    }
}
