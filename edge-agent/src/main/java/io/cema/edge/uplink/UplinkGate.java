package io.cema.edge.uplink;

import io.cema.protocol.message.SelectionPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/**
 * Whether anything may be uploaded just now. The device's own rules and the cloud's both count: an image leaves only if
 * both allow it, and quiet hours are those of both. Thread-safe.
 */
public final class UplinkGate {
    /** What may leave the device. */
    public enum Upload {
        /** No image, and nothing made of one. */
        NONE,
        /** Statistics instead of images: not built. */
        STATISTICS,
        IMAGES
    }

    private final Upload own;
    private final QuietHours ownQuiet;
    private final Optional<Path> meteredFile;
    private final Clock clock;
    /** Closed until the cloud's rules are known. */
    private volatile Wish cloud = new Wish(false, new QuietHours(List.of(), ZoneId.of("UTC")));

    private record Wish(boolean images, QuietHours quiet) {}

    /**
     * @param meteredFile while it exists the link costs money
     * @param clock for quiet hours alone
     */
    public UplinkGate(Upload own, QuietHours ownQuiet, Optional<Path> meteredFile, Clock clock) {
        if (own == Upload.STATISTICS) {
            throw new IllegalArgumentException("cema.uplink.upload=statistics is not built yet: the cloud cannot adapt "
                    + "from statistics alone; set it to none or images");
        }
        this.own = own;
        this.ownQuiet = ownQuiet;
        this.meteredFile = meteredFile;
        this.clock = clock;
    }

    /**
     * Takes the cloud's rules. Ones that cannot be followed hold every image back.
     *
     * @throws IllegalArgumentException saying what is wrong with them
     */
    public void follow(SelectionPolicy policy) {
        cloud = new Wish(false, cloud.quiet());
        boolean images =
                switch (policy.getUpload()) {
                    case UPLOAD_UNSPECIFIED, IMAGES -> true;
                    case NO_UPLOAD -> false;
                    case STATISTICS_ALONE ->
                        throw new IllegalArgumentException("the policy asks for statistics instead of images, "
                                + "which this agent cannot make; no image leaves it");
                    case UNRECOGNIZED ->
                        throw new IllegalArgumentException("the policy's upload rule " + policy.getUploadValue()
                                + " is not known to this agent; no image leaves it");
                };
        cloud = new Wish(images, QuietHours.parse(policy.getQuietHoursList(), zone(policy)));
    }

    /** Whether images may leave the device at all, and so be spooled. */
    public boolean imagesAllowed() {
        return own == Upload.IMAGES && cloud.images();
    }

    /** Why nothing may be sent now; empty if it may. */
    Optional<Hold> hold() {
        if (!imagesAllowed()) {
            return Optional.of(Hold.UPLOAD_POLICY);
        }
        if (ownQuiet.at(clock.instant().atZone(ownQuiet.zone()))
                || cloud.quiet().at(clock.instant().atZone(ownQuiet.zone()))) {
            return Optional.of(Hold.QUIET_HOURS);
        }
        return meteredFile.filter(Files::exists).map(file -> Hold.METERED);
    }

    private ZoneId zone(SelectionPolicy policy) {
        return policy.getTimeZone().isEmpty() ? ownQuiet.zone() : QuietHours.zone(policy.getTimeZone());
    }
}
