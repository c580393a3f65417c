package io.cema.trt.power;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The kernel's thermal zones, {@code class/thermal/thermal_zone*} below sysfs. Which zones there are is looked up once, as
 * they come with the drivers at boot. Immutable.
 */
final class ThermalZones {
    /** What older Jetson kernels say of a zone that is switched off; newer ones answer with an error. */
    private static final long OFF_MILLIDEGREES = -256_000;

    private final Map<String, Path> files;

    private ThermalZones(Map<String, Path> files) {
        this.files = files;
    }

    /** @param sys where sysfs is mounted */
    static ThermalZones find(Path sys) {
        Map<String, Path> files = new LinkedHashMap<>();
        List<Path> folders = SysfsFile.list(sys.resolve("class/thermal"), "thermal_zone*");
        for (Path folder : folders) {
            Path file = folder.resolve("temp");
            if (Files.exists(file)) {
                String name = name(folder);
                // Two zones of one type are told apart by their folders.
                files.put(files.containsKey(name) ? name + " " + folder.getFileName() : name, file);
            }
        }
        return new ThermalZones(files);
    }

    boolean isEmpty() {
        return files.isEmpty();
    }

    /**
     * Degrees Celsius by zone. The zone of an engine that is switched off answers with EAGAIN or ENODATA and is left out.
     *
     * @throws SensorException if a file holds anything but a number
     */
    Map<String, Double> celsius() {
        Map<String, Double> celsius = new LinkedHashMap<>();
        files.forEach((name, file) -> {
            String text;
            try {
                text = SysfsFile.line(file);
            } catch (IOException off) {
                return;
            }
            long millidegrees = SysfsFile.parse(file, text);
            if (millidegrees > OFF_MILLIDEGREES) {
                celsius.put(name, millidegrees / 1000.0);
            }
        });
        return celsius;
    }

    private static String name(Path folder) {
        try {
            return SysfsFile.line(folder.resolve("type"));
        } catch (IOException e) {
            return folder.getFileName().toString();
        }
    }
}
