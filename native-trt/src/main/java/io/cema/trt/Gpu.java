package io.cema.trt;

/**
 * A GPU and the CUDA that drives it.
 *
 * @param index CUDA's number of the device
 * @param name e.g. {@code NVIDIA H100 80GB HBM3} or {@code Orin}
 * @param computeCapability e.g. {@code 8.7}
 * @param memoryBytes of the device; on a Jetson shared with the processor
 * @param pciBusId e.g. {@code 0000:19:00.0}
 * @param driver the newest CUDA that the driver can serve, e.g. {@code 13.0}
 * @param runtime of CUDA's runtime library, e.g. {@code 13.0}
 */
public record Gpu(
        int index,
        String name,
        String computeCapability,
        long memoryBytes,
        String pciBusId,
        String driver,
        String runtime) {

    /** CUDA writes 13.0 as 13000. */
    static String version(int number) {
        return number / 1000 + "." + number % 1000 / 10;
    }
}
