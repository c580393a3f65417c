package io.cema.edge.device;

import io.cema.protocol.message.Power;
import io.cema.protocol.message.Telemetry;
import io.cema.trt.power.EnergyMeter;
import io.cema.trt.power.EnergySource;
import io.cema.trt.power.PowerReading;
import io.cema.trt.power.PowerSensor;
import io.cema.trt.power.PowerSensors;
import io.cema.trt.power.SensorException;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Power, temperature and energy of this device since the agent's start. Owns the sensor. {@link #sample} reads it, on the
 * device's thread; everything else may be called from anywhere, event loops too, and gives the newest sample.
 */
public final class PowerMonitor implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(PowerMonitor.class);
    /** Frequent enough for a load that changes with the frames, and rare enough for a sensor behind I2C. */
    private static final Duration INTEGRATION_STEP = Duration.ofSeconds(1);

    private final PowerSensor sensor;
    private final EnergyMeter meter;
    private boolean closed;
    private volatile State state;

    /**
     * What is known now.
     *
     * @param joules since the first sample
     * @param problem why the last read failed, empty if it did not; then nothing else is known: old joules beside new
     *     inferences would look like work without energy
     */
    public record State(
            String sensor, EnergySource energySource, PowerReading reading, OptionalDouble joules, String problem) {}

    /** @param nanoClock monotonic */
    public PowerMonitor(PowerSensor sensor, LongSupplier nanoClock) {
        this.sensor = sensor;
        this.meter = new EnergyMeter(sensor.energySource(), nanoClock);
        this.state = unknown("not sampled yet");
    }

    /** Of the sensor that detection found; says in the log which it is, and why it is no better one. */
    public static PowerMonitor of(PowerSensors.Found found) {
        LOG.infof("power and temperature: %s", found.description());
        return new PowerMonitor(found.sensor(), System::nanoTime);
    }

    /** How often to sample beside telemetry. */
    public Duration interval(Duration telemetryInterval) {
        boolean finer =
                sensor.energySource() == EnergySource.POWER && INTEGRATION_STEP.compareTo(telemetryInterval) < 0;
        return finer ? INTEGRATION_STEP : telemetryInterval;
    }

    /** Reads the sensor, which may take some milliseconds. A failure is kept in the state, and logged when it is new. */
    public synchronized void sample() {
        if (closed) {
            return;
        }
        try {
            PowerReading reading = sensor.read();
            meter.sample(reading);
            state = new State(sensor.description(), sensor.energySource(), reading, meter.joules(), "");
        } catch (SensorException e) {
            if (!state.problem().equals(e.getMessage())) {
                LOG.warnf("no power or temperature for now: %s", e.getMessage());
            }
            state = unknown(e.getMessage());
        }
    }

    public State state() {
        return state;
    }

    /** Adds the newest sample to a telemetry message. */
    public void fillInto(Telemetry.Builder telemetry) {
        State now = state;
        Power.Builder power = telemetry.getPowerBuilder();
        power.setSensor(now.sensor())
                .setProblem(now.problem())
                .setEnergySource(
                        switch (now.energySource()) {
                            case COUNTER -> Power.EnergySource.COUNTER;
                            case POWER -> Power.EnergySource.INTEGRATED;
                            case NONE -> Power.EnergySource.ENERGY_SOURCE_UNSPECIFIED;
                        });
        now.reading().watts().ifPresent(power::setWatts);
        now.joules().ifPresent(power::setJoules);
        now.reading().hottest().ifPresent(zone -> power.setCelsius(zone.getValue())
                .setHottestZone(zone.getKey()));
    }

    @Override
    public synchronized void close() {
        closed = true;
        sensor.close();
    }

    private State unknown(String problem) {
        return new State(
                sensor.description(), sensor.energySource(), PowerReading.nothing(), OptionalDouble.empty(), problem);
    }
}
