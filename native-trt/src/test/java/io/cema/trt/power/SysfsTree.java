package io.cema.trt.power;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder that looks like sysfs, as far as the sensors look. */
final class SysfsTree {
    private final Path root;

    SysfsTree(Path root) {
        this.root = root;
    }

    /** As a Jetson Orin NX shows it, at 5.08 V * 1.2 A = 6.096 W. */
    static SysfsTree orinNx(Path root) {
        return new SysfsTree(root)
                .rail("1-0040/hwmon/hwmon1", 1, "VDD_IN", 5080, 1200)
                .rail("1-0040/hwmon/hwmon1", 2, "VDD_CPU_GPU_CV", 5080, 300)
                .rail("1-0040/hwmon/hwmon1", 3, "VDD_SOC", 5080, 250)
                .file(ina3221("1-0040/hwmon/hwmon1/in7_label"), "sum of shunt voltages")
                .zone(0, "cpu-thermal", "49875")
                .zone(1, "gpu-thermal", "47000")
                .zone(10, "tj-thermal", "50125");
    }

    /** As a Jetson AGX Orin shows it: 20 V * (0.4 + 0.1) A + 5 V * 0.9 A = 14.5 W, of which 0.4 W for the memory. */
    static SysfsTree agxOrin(Path root) {
        return new SysfsTree(root)
                .rail("1-0040/hwmon/hwmon3", 1, "VDD_GPU_SOC", 20_000, 400)
                .rail("1-0040/hwmon/hwmon3", 2, "VDD_CPU_CV", 20_000, 100)
                .rail("1-0040/hwmon/hwmon3", 3, "VIN_SYS_5V0", 5000, 900)
                .rail("1-0041/hwmon/hwmon4", 1, "NC", 0, 0)
                .rail("1-0041/hwmon/hwmon4", 2, "VDDQ_VDD2_1V8AO", 5000, 80)
                .zone(0, "cpu-thermal", "41000");
    }

    SysfsTree rail(String hwmon, int channel, String label, int millivolts, int milliamperes) {
        return file(ina3221(hwmon + "/in" + channel + "_label"), label)
                .file(ina3221(hwmon + "/in" + channel + "_input"), Integer.toString(millivolts))
                .file(ina3221(hwmon + "/curr" + channel + "_input"), Integer.toString(milliamperes));
    }

    SysfsTree zone(int number, String type, String temp) {
        return file("class/thermal/thermal_zone" + number + "/type", type)
                .file("class/thermal/thermal_zone" + number + "/temp", temp);
    }

    /** A zone whose read fails, as one that is switched off does: here because a folder stands in the file's place. */
    SysfsTree failingZone(int number, String type) {
        try {
            file("class/thermal/thermal_zone" + number + "/type", type);
            Files.createDirectories(root.resolve("class/thermal/thermal_zone" + number + "/temp"));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    SysfsTree file(String path, String line) {
        try {
            Path file = root.resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, line + "\n");
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String ina3221(String path) {
        return "bus/i2c/drivers/ina3221/" + path;
    }
}
