package io.cema.trt.power;

/** What a sensor knows of energy. */
public enum EnergySource {
    /** A counter of joules in the hardware: nothing is lost between two reads. */
    COUNTER,
    /** Power alone; energy is integrated over the reads, and peaks between them are missed. */
    POWER,
    /** Neither. */
    NONE
}
