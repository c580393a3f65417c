package io.cema.trt.power;

import java.nio.file.Path;
import java.util.OptionalDouble;

/** Temperature without power: the thermal zones that any Linux machine may have. Holds nothing open. */
final class ThermalSensor implements PowerSensor {
    private final ThermalZones zones;
    private volatile boolean closed;

    private ThermalSensor(ThermalZones zones) {
        this.zones = zones;
    }

    /**
     * @param sys where sysfs is mounted
     * @throws SensorException if there is no zone
     */
    static ThermalSensor open(Path sys) {
        ThermalZones zones = ThermalZones.find(sys);
        if (zones.isEmpty()) {
            throw new SensorException("no thermal zone below " + sys.resolve("class/thermal"));
        }
        return new ThermalSensor(zones);
    }

    @Override
    public String description() {
        return "thermal zones";
    }

    @Override
    public EnergySource energySource() {
        return EnergySource.NONE;
    }

    @Override
    public PowerReading read() {
        if (closed) {
            throw new IllegalStateException("the sensor \"" + description() + "\" is closed");
        }
        return new PowerReading(OptionalDouble.empty(), OptionalDouble.empty(), zones.celsius());
    }

    @Override
    public void close() {
        closed = true;
    }
}
