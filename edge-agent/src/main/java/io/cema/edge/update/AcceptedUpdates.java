package io.cema.edge.update;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.edge.storage.Damages;
import io.cema.edge.storage.DurableFile;
import io.cema.edge.storage.TwinFile;
import io.cema.protocol.message.AffineUpdate;
import io.cema.protocol.signature.EnvelopeException;
import io.cema.protocol.signature.EnvelopeOpener;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The updates a slot has accepted, on disk: the order of the last one, which never falls, and the signed messages of the
 * newest {@value #KEPT}, to start from without network and to roll back to. Messages are verified again when read: the
 * disk is not trusted with what the signature guards. The state is kept twice; where both are damaged it is made anew from
 * the messages, which say their order themselves. One thread.
 */
public final class AcceptedUpdates {
    static final int KEPT = 3;

    private static final Logger LOG = Logger.getLogger(AcceptedUpdates.class);
    private static final String STATE = "state.json";

    private final ObjectMapper json = new ObjectMapper();
    private final Path folder;
    private final TwinFile file;
    private State state;
    /** The state is ahead of the disk. */
    private boolean unsaved;

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

    private AcceptedUpdates(Path folder, TwinFile file, State state) {
        this.folder = folder;
        this.file = file;
        this.state = state;
    }

    /** The same where nobody asks for what is damaged. */
    public static AcceptedUpdates open(Path folder) {
        return open(folder, new Damages());
    }

    /** Opens what a slot accepted before; a folder of its own per model, cohort and channel. Writes nothing. */
    public static AcceptedUpdates open(Path folder, Damages damages) {
        TwinFile file = new TwinFile(folder.resolve(STATE), damages);
        Optional<State> stored = file.read(AcceptedUpdates::parse);
        State state = stored.orElseGet(() -> file.lost() ? rebuilt(folder) : new State(0, 0, "", List.of()));
        return new AcceptedUpdates(folder, file, state);
    }

    private static State parse(byte[] bytes) throws IOException {
        State read = new ObjectMapper().readValue(bytes, State.class);
        if (read == null || read.version() == null) {
            throw new IOException("holds no state");
        }
        return read;
    }

    /** From the messages that are there; whether they are genuine shows when they are loaded. */
    private static State rebuilt(Path folder) {
        List<Entry> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.update")) {
            for (Path file : files) {
                entry(file).ifPresent(found::add);
            }
        } catch (IOException e) {
            LOG.warnf("accepted updates in %s cannot be listed: %s", folder, e.getMessage());
        }
        found.sort(Comparator.comparing(Entry::order));
        List<Entry> kept = found.subList(Math.max(0, found.size() - KEPT), found.size());
        if (kept.isEmpty()) {
            return new State(0, 0, "", List.of());
        }
        Entry last = kept.get(kept.size() - 1);
        LOG.warnf("the state of %s is made anew from its messages; update %s is the last", folder, last.version());
        return new State(last.epoch(), last.revision(), last.version(), kept);
    }

    private static Optional<Entry> entry(Path file) {
        try {
            AffineUpdate update =
                    EnvelopeOpener.openUnsigned(readMessage(file).payload(), AffineUpdate.getDefaultInstance());
            UpdateRevision order = UpdateRevision.of(update.getRevision());
            Entry entry = new Entry(update.getVersion(), order.epoch(), order.revision());
            return Optional.of(entry)
                    .filter(e -> e.file().equals(file.getFileName().toString()));
        } catch (IOException | EnvelopeException e) {
            LOG.warnf("%s is passed over: %s", file, e.getMessage());
            return Optional.empty();
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

    /** Records an update as the one in force. On return it is on disk; if it throws, nothing has changed. */
    void accept(String version, UpdateRevision order, Message message) throws IOException {
        Entry entry = new Entry(version, order.epoch(), order.revision());
        List<Entry> kept = new ArrayList<>(state.kept());
        kept.add(entry);
        List<Entry> outdated = kept.size() > KEPT ? List.copyOf(kept.subList(0, kept.size() - KEPT)) : List.of();
        kept.removeAll(outdated);
        State next = new State(order.epoch(), order.revision(), version, kept);
        try {
            DurableFile.write(folder.resolve(entry.file()), bytes(message));
            file.write(json.writeValueAsBytes(next));
        } catch (IOException e) {
            delete(entry);
            throw e;
        }
        state = next;
        unsaved = false;
        for (Entry old : outdated) {
            delete(old);
        }
    }

    /**
     * Forgets the update in force; its predecessor is in force then. The order of the last accepted one stays. A disk that
     * cannot be written is no reason to keep it: it is written down later, see {@link #flush}.
     */
    void dropCurrent() {
        Optional<Entry> dropped = current();
        if (dropped.isPresent()) {
            List<Entry> kept = state.kept().subList(0, state.kept().size() - 1);
            state = new State(state.epoch(), state.revision(), state.version(), kept);
            unsaved = true;
            flush();
            delete(dropped.get());
        }
    }

    /** Writes down what could not be written before. */
    void flush() {
        if (!unsaved) {
            return;
        }
        try {
            file.write(json.writeValueAsBytes(state));
            unsaved = false;
        } catch (IOException e) {
            LOG.warnf(
                    "that an update was taken back is not written down in %s yet, so it would be back after a restart: %s",
                    folder, e.getMessage());
        }
    }

    Message read(Entry entry) throws IOException {
        return readMessage(folder.resolve(entry.file()));
    }

    private static Message readMessage(Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
            String topic = in.readUTF();
            return new Message(topic, in.readAllBytes());
        }
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
