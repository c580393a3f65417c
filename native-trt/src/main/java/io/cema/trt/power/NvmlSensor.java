package io.cema.trt.power;

import io.cema.trt.Binding;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlDevice_st;
import org.bytedeco.javacpp.BytePointer;

/**
 * One NVIDIA card by NVML, the driver's own library. Owns one reference of NVML's initialisation, given back by
 * {@link #close}. Native code is loaded when the first one is opened, never before. The binding brings CUDA's runtime
 * along: where libcudart of its version is missing there is no NVML, nor could anything here compute on the card.
 */
final class NvmlSensor implements PowerSensor {
    private static final String ZONE = "GPU";

    private final nvmlDevice_st device;
    private final String name;
    private final EnergySource source;
    private final boolean power;
    private final boolean temperature;
    private boolean closed;

    /** NVML is initialised and given back by the caller if this fails. */
    private NvmlSensor(nvmlDevice_st device) {
        this.device = device;
        this.name = name(device);
        // Vary with the card: asked once here, so that a value that goes missing later is an error.
        boolean counter = offered("nvmlDeviceGetTotalEnergyConsumption", energy(new long[1]));
        this.power = offered("nvmlDeviceGetPowerUsage", power(new int[1]));
        this.temperature = offered("nvmlDeviceGetTemperature", temperature(new int[1]));
        if (!counter && !power) {
            throw new SensorException("NVML knows " + name + ", but tells neither its power nor its energy");
        }
        this.source = counter ? EnergySource.COUNTER : EnergySource.POWER;
    }

    /**
     * @param pciBusId of the card, e.g. {@code 00000000:65:00.0}; empty for the first
     * @throws SensorException if there is no NVML, no such card, or none that tells its power; begins with "no NVML" in the
     *     first case
     */
    static NvmlSensor open(Optional<String> pciBusId) {
        try {
            // The binding of NVML loads that of CUDA's runtime itself.
            Binding.load(cudart.class, nvml.class);
        } catch (UnsatisfiedLinkError e) {
            throw new SensorException("no NVML: " + e.getMessage());
        }
        int started = nvml.nvmlInit_v2();
        if (started != nvml.NVML_SUCCESS) {
            throw new SensorException("no NVML: nvmlInit_v2 says \"" + message(started) + "\"");
        }
        try {
            return new NvmlSensor(find(pciBusId));
        } catch (RuntimeException e) {
            nvml.nvmlShutdown();
            throw e;
        }
    }

    @Override
    public String description() {
        return "nvml " + name;
    }

    @Override
    public EnergySource energySource() {
        return source;
    }

    @Override
    public synchronized PowerReading read() {
        if (closed) {
            throw new IllegalStateException("the sensor \"" + description() + "\" is closed");
        }
        long[] millijoules = new long[1];
        int[] milliwatts = new int[1];
        int[] celsius = new int[1];
        if (source == EnergySource.COUNTER) {
            check("nvmlDeviceGetTotalEnergyConsumption", energy(millijoules));
        }
        if (power) {
            check("nvmlDeviceGetPowerUsage", power(milliwatts));
        }
        if (temperature) {
            check("nvmlDeviceGetTemperature", temperature(celsius));
        }
        return new PowerReading(
                power ? OptionalDouble.of(Integer.toUnsignedLong(milliwatts[0]) / 1e3) : OptionalDouble.empty(),
                source == EnergySource.COUNTER ? OptionalDouble.of(millijoules[0] / 1e3) : OptionalDouble.empty(),
                temperature ? Map.of(ZONE, (double) celsius[0]) : Map.of());
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            nvml.nvmlShutdown();
        }
    }

    private static nvmlDevice_st find(Optional<String> pciBusId) {
        // The card belongs to NVML; the pointer to it is ours, and holds no native memory.
        nvmlDevice_st found = new nvmlDevice_st();
        if (pciBusId.isPresent()) {
            try (BytePointer id = new BytePointer(pciBusId.get(), StandardCharsets.US_ASCII)) {
                int answer = nvml.nvmlDeviceGetHandleByPciBusId_v2(id, found);
                require(
                        answer,
                        "no card at PCI bus id " + pciBusId.get()
                                + " (nvidia-smi --query-gpu=pci.bus_id --format=csv lists them)");
            }
        } else {
            require(nvml.nvmlDeviceGetHandleByIndex_v2(0, found), "no card with index 0");
        }
        return found;
    }

    private static String name(nvmlDevice_st device) {
        byte[] name = new byte[nvml.NVML_DEVICE_NAME_V2_BUFFER_SIZE];
        require(nvml.nvmlDeviceGetName(device, name, name.length), "the card does not tell its name");
        String text = new String(name, StandardCharsets.UTF_8);
        return text.substring(0, text.indexOf('\0'));
    }

    private int energy(long[] millijoules) {
        return nvml.nvmlDeviceGetTotalEnergyConsumption(device, millijoules);
    }

    private int power(int[] milliwatts) {
        return nvml.nvmlDeviceGetPowerUsage(device, milliwatts);
    }

    /** Its successor is not in the drivers that are in use. */
    @SuppressWarnings("deprecation")
    private int temperature(int[] celsius) {
        return nvml.nvmlDeviceGetTemperature(device, nvml.NVML_TEMPERATURE_GPU, celsius);
    }

    private boolean offered(String call, int answer) {
        if (answer == nvml.NVML_ERROR_NOT_SUPPORTED || answer == nvml.NVML_ERROR_FUNCTION_NOT_FOUND) {
            return false;
        }
        check(call, answer);
        return true;
    }

    private void check(String call, int answer) {
        require(answer, call + " failed on " + name);
    }

    private static void require(int answer, String problem) {
        if (answer != nvml.NVML_SUCCESS) {
            throw new SensorException("NVML: " + problem + ": " + message(answer));
        }
    }

    private static String message(int answer) {
        return nvml.nvmlErrorString(answer).getString();
    }
}
