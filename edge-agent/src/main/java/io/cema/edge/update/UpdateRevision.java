package io.cema.edge.update;

import io.cema.protocol.message.Revision;
import java.util.Comparator;

/**
 * The order of publications in a loop: epoch first, then revision; both unsigned 64-bit.
 *
 * @param epoch raised when the cloud's database was restored
 * @param revision counts the publications of a loop
 */
public record UpdateRevision(long epoch, long revision) implements Comparable<UpdateRevision> {
    /** Below every publication. */
    public static final UpdateRevision NONE = new UpdateRevision(0, 0);

    private static final Comparator<UpdateRevision> ORDER = Comparator.comparing(
                    UpdateRevision::epoch, Long::compareUnsigned)
            .thenComparing(UpdateRevision::revision, Long::compareUnsigned);

    public static UpdateRevision of(Revision message) {
        return new UpdateRevision(message.getEpoch(), message.getRevision());
    }

    public Revision toMessage() {
        return Revision.newBuilder().setEpoch(epoch).setRevision(revision).build();
    }

    @Override
    public int compareTo(UpdateRevision other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return "(" + Long.toUnsignedString(epoch) + ", " + Long.toUnsignedString(revision) + ")";
    }
}
