package io.cema.edge.device;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.edge.storage.Damages;
import io.cema.edge.storage.TwinFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Who the device is and where it stands in time: the generation the cloud gave it, a connection counter raised before
 * every CONNECT, and a sequence within the connection. The three order everything the device says; clocks order nothing,
 * but where the counter is lost, see {@link #open}. Numbers are written down in blocks before they are used, so that a
 * device whose disk is full can connect some more times. Thread-safe.
 */
public final class DeviceIdentity {
    private static final Logger LOG = Logger.getLogger(DeviceIdentity.class);

    /** Connections written down at a time. */
    static final int BLOCK = 32;

    private final ObjectMapper json = new ObjectMapper();
    private final TwinFile file;
    private final Path path;
    private final String tenant;
    private final String device;
    private State state;
    private long connection;
    private long sequence;

    /**
     * What the file holds.
     *
     * @param connection the highest that may have been used
     */
    record State(long generation, long connection) {}

    /**
     * A point in the order of what a device says.
     *
     * @param generation how often the device was enrolled
     * @param connection raised before every CONNECT
     * @param sequence rising within a connection, from 1
     */
    public record Position(long generation, long connection, long sequence) {}

    private DeviceIdentity(TwinFile file, Path path, String tenant, String device, State state) {
        this.file = file;
        this.path = path;
        this.connection = state.connection();
        this.tenant = tenant;
        this.device = device;
        this.state = state;
    }

    /** The same for a folder that was never damaged. */
    public static DeviceIdentity open(Path folder, String tenant, String device) throws IOException {
        return open(folder, tenant, device, Instant.now(), new Damages());
    }

    /**
     * Opens the identity kept in a folder; the first time, generation 1. The connection counter is raised at once, so
     * that what an earlier process said of its last connection is never said again. Where the file and its copy are both
     * damaged it goes on from the seconds since 1970, far above all that was ever counted.
     *
     * @param now by a clock that does not fall behind
     * @throws UncheckedIOException if it cannot be written
     */
    public static DeviceIdentity open(Path folder, String tenant, String device, Instant now, Damages damages)
            throws IOException {
        Path path = folder.resolve("identity.json");
        TwinFile file = new TwinFile(path, damages);
        Optional<State> stored = file.read(DeviceIdentity::parse);
        State state = stored.orElseGet(() -> new State(1, file.lost() ? now.getEpochSecond() : 0));
        DeviceIdentity identity = new DeviceIdentity(file, path, tenant, device, state);
        identity.raiseConnection();
        return identity;
    }

    private static State parse(byte[] bytes) throws IOException {
        State read = new ObjectMapper().readValue(bytes, State.class);
        if (read == null || read.generation() < 1 || read.connection() < 0) {
            throw new IOException("holds no generation and connection");
        }
        return read;
    }

    /**
     * Takes over what the cloud counted at an enrolment, if it is more.
     *
     * @param generation how often the device was enrolled
     */
    public synchronized void enrolled(long generation) {
        if (generation > state.generation()) {
            reserve(generation);
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
     * Raises the connection counter and begins its sequence anew. Does short file I/O now and then.
     *
     * @return the first position of the new connection
     * @throws UncheckedIOException if no number is left that was written down, and none can be
     */
    public synchronized Position raiseConnection() {
        long left = state.connection() - connection;
        if (left <= BLOCK / 2) {
            try {
                reserve(state.generation());
            } catch (UncheckedIOException e) {
                // A counter that might repeat must not be used.
                if (left == 0) {
                    throw e;
                }
                LOG.warnf("%s; %d connections are left", e.getMessage(), left);
            }
        }
        connection++;
        sequence = 0;
        return next();
    }

    private void reserve(long generation) {
        State next = new State(generation, connection + BLOCK);
        try {
            file.write(json.writeValueAsBytes(next));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the connection counter to " + path, e);
        }
        state = next;
    }

    /** The next position in the present connection. */
    public synchronized Position next() {
        return new Position(state.generation(), connection, ++sequence);
    }

    /** The present connection without moving on. */
    synchronized Position current() {
        return new Position(state.generation(), connection, sequence);
    }
}
