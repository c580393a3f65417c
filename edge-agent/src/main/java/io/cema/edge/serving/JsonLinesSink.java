package io.cema.edge.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jboss.logging.Logger;

/**
 * Appends one JSON object per line to a file, each line handed to the operating system whole, so that a reader who
 * follows the file and a {@code kill -9} see only whole lines. Thread-safe. A full disk costs lines, not predictions:
 * the first loss is logged.
 */
public final class JsonLinesSink implements PredictionSink, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(JsonLinesSink.class);

    private final ObjectMapper json = new ObjectMapper();
    private final Path path;
    private final FileChannel channel;
    private boolean failing;

    /** Opens the file for appending; a line that an earlier process left unfinished is ended first. */
    public JsonLinesSink(Path path) throws IOException {
        this.path = path;
        Files.createDirectories(path.toAbsolutePath().getParent());
        this.channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        long size = channel.size();
        ByteBuffer last = ByteBuffer.allocate(1);
        if (size > 0 && channel.read(last, size - 1) == 1 && last.get(0) != '\n') {
            channel.write(ByteBuffer.wrap(new byte[] {'\n'}), size);
        }
        channel.position(channel.size());
    }

    @Override
    public void prediction(PredictionRecord prediction) {
        append(prediction);
    }

    @Override
    public void update(UpdateRecord update) {
        append(update);
    }

    private synchronized void append(Object line) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap((json.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            failing = false;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record that JSON cannot carry: " + line, e);
        } catch (IOException e) {
            if (!failing) {
                LOG.errorf(e, "cannot write to %s; predictions are not recorded until it can", path);
            }
            failing = true;
        }
    }

    @Override
    public synchronized void close() throws IOException {
        channel.close();
    }
}
