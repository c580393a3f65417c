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
 * The last desired state obeyed, on disk as it came, signature and all: the agent starts from it without network. One
 * thread.
 */
final class DesiredStateStore {
    private final Path file;
    private final String topic;
    private final TrustedKeys keys;

    DesiredStateStore(Path folder, String topic, TrustedKeys keys) {
        this.file = folder.resolve("desired.bin");
        this.topic = topic;
        this.keys = keys;
    }

    /** @throws io.cema.protocol.signature.EnvelopeException if it is not signed for this device by a trusted key */
    DesiredState open(byte[] envelope) {
        return EnvelopeOpener.openSigned(topic, envelope, DesiredState.getDefaultInstance(), keys);
    }

    /** What was obeyed last; verified again, for the disk is not trusted more than the network. */
    Optional<DesiredState> load() throws IOException {
        return Files.exists(file) ? Optional.of(open(Files.readAllBytes(file))) : Optional.empty();
    }

    void save(byte[] envelope) throws IOException {
        DurableFile.write(file, envelope);
    }
}
