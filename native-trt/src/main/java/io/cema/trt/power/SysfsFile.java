package io.cema.trt.power;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Reads the one-line files of sysfs. */
final class SysfsFile {
    private SysfsFile() {}

    /**
     * The line without its end.
     *
     * @throws IOException as the kernel answered, e.g. for a sensor that is switched off
     */
    static String line(Path file) throws IOException {
        return Files.readString(file).strip();
    }

    /** A whole number. */
    static long number(Path file) {
        try {
            return parse(file, line(file));
        } catch (IOException e) {
            throw new SensorException(
                    "cannot read " + file + " (" + e + "); may this user read it, and is its sensor switched on?", e);
        }
    }

    static long parse(Path file, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new SensorException(
                    file + " says \"" + shortened(text) + "\" where a whole number was expected; is the driver known?",
                    e);
        }
    }

    /** What matches in a folder, in the order of the numbers in the names; nothing if the folder is not there. */
    static List<Path> list(Path folder, String glob) {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
                entries.forEach(found::add);
            } catch (IOException | DirectoryIteratorException e) {
                throw new SensorException("cannot list " + folder + ": " + e, e);
            }
        }
        // thermal_zone9 before thermal_zone10.
        found.sort(Comparator.comparingInt((Path p) -> p.toString().length()).thenComparing(Path::toString));
        return found;
    }

    private static String shortened(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    }
}
