package io.cema.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.client.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Documents that stand in files. */
final class JsonFile {
    private JsonFile() {}

    /** @throws IllegalArgumentException naming the file and the place that is no JSON object */
    static Map<String, Object> object(Path file) {
        return read(file, mapper().getTypeFactory().constructMapType(Map.class, String.class, Object.class), "object");
    }

    /** @throws IllegalArgumentException naming the file and the place that is no JSON array of these */
    static <T> List<T> list(Path file, Class<T> type) {
        return read(
                file,
                mapper().getTypeFactory().constructCollectionType(List.class, type),
                "array of " + type.getSimpleName());
    }

    private static ObjectMapper mapper() {
        return JSON.getDefault().getMapper();
    }

    private static <T> T read(Path file, JavaType type, String what) {
        try {
            return mapper().readValue(Files.readString(file), type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    file + ", line "
                            + (e.getLocation() == null ? 1 : e.getLocation().getLineNr()) + ", is no JSON " + what
                            + ": " + e.getOriginalMessage(),
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException("the file " + file + " cannot be read", e);
        }
    }
}
