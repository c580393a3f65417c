package io.cema.edge.device;

import io.cema.protocol.message.Slot;
import io.cema.protocol.mqtt.Backoff;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Future;

/**
 * A slot to be made true, and how that went so far. A broken line is tried again soon, and sooner if something
 * came meanwhile; what only a human or the cloud can mend is tried again late, since each try may cost the whole model's
 * bytes. Confined to the slot's thread.
 */
final class Wish {
    private final long version;
    private final Slot slot;
    private final Backoff soon = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30), new SplittableRandom());
    private final Backoff late = new Backoff(Duration.ofMinutes(1), Duration.ofHours(1), new SplittableRandom());
    private Optional<Future<?>> next = Optional.empty();
    private String failure = "";
    private long received;
    private boolean downloading;

    /** @param version of the desired state it comes from */
    Wish(long version, Slot slot) {
        this.version = version;
        this.slot = slot;
    }

    long version() {
        return version;
    }

    Slot slot() {
        return slot;
    }

    /**
     * How long to wait with the next try.
     *
     * @param onDisk bytes of the wished artefacts that have come by now
     */
    Duration pause(IOException cause, long onDisk) {
        if (onDisk > received) {
            soon.reset();
        }
        received = onDisk;
        return (cause instanceof ArtefactException ? late : soon).next();
    }

    /** Remembers the next try, so that one made earlier takes its place. */
    void next(Future<?> retry) {
        next = Optional.of(retry);
    }

    void cancelNext() {
        next.ifPresent(retry -> retry.cancel(false));
        next = Optional.empty();
    }

    /** Whether the download begins only now, and not again after a break. */
    boolean firstDownload() {
        boolean first = !downloading;
        downloading = true;
        return first;
    }

    /** Whether it failed for the first time in this way. */
    boolean newFailure(String reason) {
        boolean isNew = !reason.equals(failure);
        failure = reason;
        return isNew;
    }
}
