package io.cema.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Follows a growing file of JSON lines. One thread. */
final class SinkTail {
    private final ObjectMapper json = new ObjectMapper();
    private final Path path;
    private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream();
    private long position;

    SinkTail(Path path) {
        this.path = path;
    }

    /** The lines that were finished since the last call; none while the file does not exist. */
    List<JsonNode> next() throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        if (Files.notExists(path)) {
            return lines;
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            for (int read = channel.read(buffer, position); read > 0; read = channel.read(buffer, position)) {
                position += read;
                for (int i = 0; i < read; i++) {
                    byte b = buffer.get(i);
                    if (b != '\n') {
                        unfinished.write(b);
                    } else if (unfinished.size() > 0) {
                        lines.add(json.readTree(unfinished.toByteArray()));
                        unfinished.reset();
                    }
                }
                buffer.clear();
            }
        }
        return lines;
    }
}
