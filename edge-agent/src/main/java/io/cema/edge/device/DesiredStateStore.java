package io.cema.edge.device;

import io.cema.edge.storage.Damages;
import io.cema.edge.storage.TwinFile;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.signature.TrustedKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The last desired state obeyed, on disk as it came, signature and all: the agent starts from it without network. Beside
 * it a newer one of which some slots are in force and others are not, or never can be: a start takes up both, one after
 * the other. Each is kept twice, since without them a device that is cut off serves nothing. One thread.
 */
final class DesiredStateStore {
    private final TwinFile file;
    private final TwinFile partial;
    private final String topic;
    private final TrustedKeys keys;

    DesiredStateStore(Path folder, String topic, TrustedKeys keys, Damages damages) {
        this.file = new TwinFile(folder.resolve("desired.bin"), damages);
        this.partial = new TwinFile(folder.resolve("desired-partial.bin"), damages);
        this.topic = topic;
        this.keys = keys;
    }

    /** @throws io.cema.protocol.signature.EnvelopeException if it is not signed for this device by a trusted key */
    DesiredState open(byte[] envelope) {
        return EnvelopeOpener.openSigned(topic, envelope, DesiredState.getDefaultInstance(), keys);
    }

    /** What was obeyed last; verified again, for the disk is not trusted more than the network. */
    Optional<DesiredState> load() {
        return file.read(this::open);
    }

    /** A newer one that was obeyed in part. */
    Optional<DesiredState> loadPartial() {
        return partial.read(this::open);
    }

    void save(byte[] envelope) throws IOException {
        file.write(envelope);
        partial.delete();
    }

    void savePartial(byte[] envelope) throws IOException {
        partial.write(envelope);
    }
}
