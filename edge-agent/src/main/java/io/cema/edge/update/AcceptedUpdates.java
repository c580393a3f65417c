package io.cema.edge.update;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.edge.storage.DurableFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The updates a slot has accepted, on disk: the order of the last one, which never falls, and the signed messages of the
 * newest {@value #KEPT}, to start from without network and to roll back to. Messages are verified again when read: the
 * disk is not trusted with what the signature guards. One thread.
 */
public final class AcceptedUpdates {
    static final int KEPT = 3;

    private static final Logger LOG = Logger.getLogger(AcceptedUpdates.class);
    private static final String STATE = "state.json";

    private final ObjectMapper json = new ObjectMapper();
    private final Path folder;
    private State state;

    /**
     * What {@code state.json} holds.
     *
     * @param epoch of the last accepted update
     * @param revision of the last accepted update
     * @param version of the last accepted update
     * @param kept accepted updates that may be in force, oldest first; the last is in force
     */
    record State(long epoch, long revision, String version, List<Entry> kept) {
        State {
            kept = List.copyOf(kept);
        }
    }

    /** One accepted update. */
    record Entry(String version, long epoch, long revision) {
        // Named without "get", so that they do not become fields of the JSON object.
        UpdateRevision order() {
            return new UpdateRevision(epoch, revision);
        }

        String file() {
            return Long.toUnsignedString(epoch) + "-" + Long.toUnsignedString(revision) + ".update";
        }
    }

    /** A message as it came. */
    record Message(String topic, byte[] payload) {}

    private AcceptedUpdates(Path folder, State state) {
        this.folder = folder;
        this.state = state;
    }

    /** Opens what a slot accepted before; a folder of its own per model, cohort and channel. */
    public static AcceptedUpdates open(Path folder) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve(STATE);
        if (!Files.exists(file)) {
            return new AcceptedUpdates(folder, new State(0, 0, "", List.of()));
        }
        try {
            return new AcceptedUpdates(folder, new ObjectMapper().readValue(file.toFile(), State.class));
        } catch (JacksonException e) {
            // Without it an old update could come back: fail closed rather than begin at zero.
            throw new IOException(
                    file + " is damaged; move the folder " + folder + " away to begin from the base model", e);
        }
    }

    /** Order of the last accepted update, rolled back or not. */
    UpdateRevision last() {
        return new UpdateRevision(state.epoch(), state.revision());
    }

    /** True if this is the last accepted update, rolled back or not. */
    boolean isLast(String version, UpdateRevision order) {
        return order.equals(last()) && version.equals(state.version());
    }

    /** The update in force; empty for the base model. */
    Optional<Entry> current() {
        return state.kept().isEmpty()
                ? Optional.empty()
                : Optional.of(state.kept().get(state.kept().size() - 1));
    }

    /** What a roll-back would go to; empty for the base model. */
    Optional<Entry> previous() {
        int size = state.kept().size();
        return size < 2 ? Optional.empty() : Optional.of(state.kept().get(size - 2));
    }

    /** Records an update as the one in force. On return it is on disk. */
    void accept(String version, UpdateRevision order, Message message) throws IOException {
        Entry entry = new Entry(version, order.epoch(), order.revision());
        DurableFile.write(folder.resolve(entry.file()), bytes(message));
        List<Entry> kept = new ArrayList<>(state.kept());
        kept.add(entry);
        List<Entry> outdated = kept.size() > KEPT ? List.copyOf(kept.subList(0, kept.size() - KEPT)) : List.of();
        kept.removeAll(outdated);
        save(new State(order.epoch(), order.revision(), version, kept));
        for (Entry old : outdated) {
            delete(old);
        }
    }

    /** Forgets the update in force; its predecessor is in force then. The order of the last accepted one stays. */
    void dropCurrent() throws IOException {
        Optional<Entry> dropped = current();
        if (dropped.isPresent()) {
            List<Entry> kept = state.kept().subList(0, state.kept().size() - 1);
            save(new State(state.epoch(), state.revision(), state.version(), kept));
            delete(dropped.get());
        }
    }

    Message read(Entry entry) throws IOException {
        Path file = folder.resolve(entry.file());
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
            String topic = in.readUTF();
            return new Message(topic, in.readAllBytes());
        }
    }

    private void save(State next) throws IOException {
        DurableFile.write(folder.resolve(STATE), json.writeValueAsBytes(next));
        state = next;
    }

    private void delete(Entry entry) {
        try {
            Files.deleteIfExists(folder.resolve(entry.file()));
        } catch (IOException e) {
            // The state no longer names it, so it is only some kilobytes too many.
            LOG.warnf("cannot delete outdated update %s: %s", entry.file(), e.getMessage());
        }
    }

    private static byte[] bytes(Message message) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(message.topic());
            out.write(message.payload());
        }
        return bytes.toByteArray();
    }
}
