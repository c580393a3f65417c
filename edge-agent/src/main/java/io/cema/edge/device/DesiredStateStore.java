package io.cema.edge.device;

import io.cema.edge.storage.DurableFile;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.TrustedKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The last desired state obeyed, on disk as it came, signature and all: the agent starts from it without network. Beside
 * it a newer one of which some slots are in force and others are not, or never can be: a start takes up both, one after
 * the other. One thread.
 */
final class DesiredStateStore {
    private final Path file;
    private final Path partial;
    private final String topic;
    private final TrustedKeys keys;

    DesiredStateStore(Path folder, String topic, TrustedKeys keys) {
        this.file = folder.resolve("desired.bin");
        this.partial = folder.resolve("desired-partial.bin");
        this.topic = topic;
        this.keys = keys;
    }

    /** @throws io.cema.protocol.signature.EnvelopeException if it is not signed for this device by a trusted key */
    DesiredState open(byte[] envelope) {
        return EnvelopeOpener.openSigned(topic, envelope, DesiredState.getDefaultInstance(), keys);
    }

    /** What was obeyed last; verified again, for the disk is not trusted more than the network. */
    Optional<DesiredState> load() throws IOException {
        return load(file);
    }

    /** A newer one that was obeyed in part. */
    Optional<DesiredState> loadPartial() throws IOException {
        return load(partial);
    }

    private Optional<DesiredState> load(Path from) throws IOException {
        return Files.exists(from) ? Optional.of(open(Files.readAllBytes(from))) : Optional.empty();
    }

    void save(byte[] envelope) throws IOException {
        DurableFile.write(file, envelope);
        Files.deleteIfExists(partial);
    }

    void savePartial(byte[] envelope) throws IOException {
        DurableFile.write(partial, envelope);
    }
}
