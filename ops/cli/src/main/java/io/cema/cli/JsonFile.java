package io.cema.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.cema.client.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Documents that stand in files. */
final class JsonFile {
    private JsonFile() {}

    /** @throws IllegalArgumentException naming the file and the place that is no JSON object */
    static Map<String, Object> object(Path file) {
        try {
            return JSON.getDefault().getMapper().readValue(Files.readString(file), new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    file + ", line "
                            + (e.getLocation() == null ? 1 : e.getLocation().getLineNr()) + ", is no JSON object: "
                            + e.getOriginalMessage(),
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException("the file " + file + " cannot be read", e);
        }
    }
}
