package io.cema.edge.device;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.edge.storage.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Who the device is and where it stands in time: the generation the cloud gave it, a connection counter raised and
 * written down before every CONNECT, and a sequence within the connection. The three order everything the device says;
 * clocks order nothing. Thread-safe.
 */
public final class DeviceIdentity {
    private final ObjectMapper json = new ObjectMapper();
    private final Path file;
    private final String tenant;
    private final String device;
    private State state;
    private long sequence;

    /** What the file holds. */
    record State(long generation, long connection) {}

    /**
     * A point in the order of what a device says.
     *
     * @param generation how often the device was enrolled
     * @param connection raised before every CONNECT
     * @param sequence rising within a connection, from 1
     */
    public record Position(long generation, long connection, long sequence) {}

    private DeviceIdentity(Path file, String tenant, String device, State state) {
        this.file = file;
        this.tenant = tenant;
        this.device = device;
        this.state = state;
    }

    /**
     * Opens the identity kept in a folder; the first time, generation 1. The connection counter is raised at once, so
     * that what an earlier process said of its last connection is never said again.
     */
    public static DeviceIdentity open(Path folder, String tenant, String device) throws IOException {
        Path file = folder.resolve("identity.json");
        State state = new State(1, 0);
        if (Files.exists(file)) {
            try {
                state = new ObjectMapper().readValue(file.toFile(), State.class);
            } catch (JacksonException e) {
                throw new IOException(
                        file + " is damaged; without its counter the cloud would take this device's words for old ones."
                                + " Restore it, or enrol the device anew",
                        e);
            }
        }
        DeviceIdentity identity = new DeviceIdentity(file, tenant, device, state);
        identity.raiseConnection();
        return identity;
    }

    /**
     * Takes over what the cloud counted at an enrolment, if it is more.
     *
     * @param generation how often the device was enrolled
     */
    public synchronized void enrolled(long generation) {
        if (generation > state.generation()) {
            state = new State(generation, state.connection());
            raiseConnection();
        }
    }

    public String tenant() {
        return tenant;
    }

    public String device() {
        return device;
    }

    /**
     * Raises the connection counter, writes it down and begins its sequence anew. Does short file I/O.
     *
     * @return the first position of the new connection
     */
    public synchronized Position raiseConnection() {
        State next = new State(state.generation(), state.connection() + 1);
        try {
            DurableFile.write(file, json.writeValueAsBytes(next));
        } catch (IOException e) {
            // A counter that might repeat must not be used.
            throw new UncheckedIOException("cannot write the connection counter to " + file, e);
        }
        state = next;
        sequence = 0;
        return next();
    }

    /** The next position in the present connection. */
    public synchronized Position next() {
        return new Position(state.generation(), state.connection(), ++sequence);
    }

    /** The present connection without moving on. */
    synchronized Position current() {
        return new Position(state.generation(), state.connection(), sequence);
    }
}
