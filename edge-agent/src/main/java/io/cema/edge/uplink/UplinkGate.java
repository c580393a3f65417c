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
    /** What may leave the device, the least first. */
    public enum Upload {
        /** No image, and nothing made of one. */
        NONE,
        /** Normalisation statistics of many images in place of them. */
        STATISTICS,
        IMAGES
    }

    private final Upload own;
    private final boolean measuring;
    private final QuietHours ownQuiet;
    private final Optional<Path> meteredFile;
    private final Clock clock;
    /** Closed until the cloud's rules are known. */
    private volatile Wish cloud = new Wish(Upload.NONE, new QuietHours(List.of(), ZoneId.of("UTC")));

    private record Wish(Upload upload, QuietHours quiet) {}

    /**
     * @param measuring whether the engine can make statistics
     * @param meteredFile while it exists the link costs money
     * @param clock for quiet hours alone
     */
    public UplinkGate(Upload own, boolean measuring, QuietHours ownQuiet, Optional<Path> meteredFile, Clock clock) {
        if (own == Upload.STATISTICS && !measuring) {
            throw new IllegalArgumentException("cema.uplink.upload=statistics: statistics are not available on this"
                    + " engine; set it to none or images, or cema.inference.engine to onnxruntime");
        }
        this.own = own;
        this.measuring = measuring;
        this.ownQuiet = ownQuiet;
        this.meteredFile = meteredFile;
        this.clock = clock;
    }

    /**
     * Takes the cloud's rules. Ones that cannot be followed hold everything back.
     *
     * @throws IllegalArgumentException saying what is wrong with them
     */
    public void follow(SelectionPolicy policy) {
        cloud = new Wish(Upload.NONE, cloud.quiet());
        Upload upload =
                switch (policy.getUpload()) {
                    case UPLOAD_UNSPECIFIED, IMAGES -> Upload.IMAGES;
                    case NO_UPLOAD -> Upload.NONE;
                    case STATISTICS_ALONE -> Upload.STATISTICS;
                    case UNRECOGNIZED ->
                        throw new IllegalArgumentException("the policy's upload rule " + policy.getUploadValue()
                                + " is not known to this agent; no image leaves it");
                };
        if (upload == Upload.STATISTICS && own != Upload.NONE && !measuring) {
            throw new IllegalArgumentException("the policy asks for statistics instead of images: statistics are not"
                    + " available on this engine; no image leaves it, and nothing made of one");
        }
        cloud = new Wish(upload, QuietHours.parse(policy.getQuietHoursList(), zone(policy)));
    }

    /** Whether images may leave the device at all, and so be spooled. */
    public boolean imagesAllowed() {
        return allowed() == Upload.IMAGES;
    }

    /** Whether statistics may leave it in their place. Where images may, they are not wanted. */
    public boolean statisticsAllowed() {
        return allowed() == Upload.STATISTICS;
    }

    /** What both sides allow. */
    private Upload allowed() {
        Upload wished = cloud.upload();
        return own.compareTo(wished) < 0 ? own : wished;
    }

    /** Why no image may be sent now; empty if it may. */
    Optional<Hold> hold() {
        return imagesAllowed() ? closed() : Optional.of(Hold.UPLOAD_POLICY);
    }

    /** Why nothing of any kind may be sent at this time; empty if it may. */
    public Optional<Hold> closed() {
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
