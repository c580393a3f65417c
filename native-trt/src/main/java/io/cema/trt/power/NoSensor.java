package io.cema.trt.power;

/** A machine that says nothing of itself. */
final class NoSensor implements PowerSensor {
    private volatile boolean closed;

    @Override
    public String description() {
        return "none";
    }

    @Override
    public EnergySource energySource() {
        return EnergySource.NONE;
    }

    @Override
    public PowerReading read() {
        if (closed) {
            throw new IllegalStateException("the sensor \"none\" is closed");
        }
        return PowerReading.nothing();
    }

    @Override
    public void close() {
        closed = true;
    }
}
