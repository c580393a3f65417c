package io.cema.trt.power;

/**
 * One source of power and temperature. Thread-safe. Has one owner, who closes it; closing again does nothing, reading
 * after it is an {@link IllegalStateException}.
 */
public interface PowerSensor extends AutoCloseable {
    /** What it is and what it measures, e.g. {@code ina3221 VDD_IN}, {@code nvml NVIDIA H100 PCIe}, {@code none}. */
    String description();

    /** Where the energy comes from; does not change. */
    EnergySource energySource();

    /**
     * Reads the sensor, which takes from microseconds to some milliseconds (an INA3221 sits behind I2C): not for an
     * event loop. A reading of {@link EnergySource#COUNTER} has joules, one of {@link EnergySource#POWER} has watts.
     *
     * @throws SensorException if it cannot be read now; a later read may succeed
     * @throws IllegalStateException if it is closed
     */
    PowerReading read();

    @Override
    void close();
}
