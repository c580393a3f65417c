package io.cema.edge.uplink;

import io.cema.protocol.message.SelectionPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    /** By slot; closed until the cloud's rules are known. Replaced as a whole. */
    private volatile Map<String, Wish> cloud = Map.of();

    private static final QuietHours NO_QUIET = new QuietHours(List.of(), ZoneId.of("UTC"));

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
     * Takes the cloud's rules for a slot. Ones that cannot be followed hold everything of it back.
     *
     * @param slot its cohort
     * @throws IllegalArgumentException saying what is wrong with them
     */
    public void follow(String slot, SelectionPolicy policy) {
        Wish before = cloud.get(slot);
        set(slot, Optional.of(new Wish(Upload.NONE, before == null ? NO_QUIET : before.quiet())));
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
        set(slot, Optional.of(new Wish(upload, QuietHours.parse(policy.getQuietHoursList(), zone(policy)))));
    }

    /** The slot is no more: what is left of it is treated as the strictest of the others allows. */
    public void forget(String slot) {
        set(slot, Optional.empty());
    }

    private synchronized void set(String slot, Optional<Wish> wish) {
        Map<String, Wish> next = new HashMap<>(cloud);
        wish.ifPresentOrElse(w -> next.put(slot, w), () -> next.remove(slot));
        cloud = Map.copyOf(next);
    }

    /** Whether images of a slot may leave the device at all, and so be spooled. */
    public boolean imagesAllowed(String slot) {
        return allowed(slot) == Upload.IMAGES;
    }

    /** Whether statistics of a slot may leave it in their place. Where its images may, they are not wanted. */
    public boolean statisticsAllowed(String slot) {
        return allowed(slot) == Upload.STATISTICS;
    }

    /** What both sides allow of a slot. */
    private Upload allowed(String slot) {
        Map<String, Wish> now = cloud;
        Upload wished = now.containsKey(slot)
                ? now.get(slot).upload()
                : now.values().stream()
                        .map(Wish::upload)
                        .min(Comparator.naturalOrder())
                        .orElse(Upload.NONE);
        return own.compareTo(wished) < 0 ? own : wished;
    }

    /** Another object after each change of the cloud's rules. */
    Object rules() {
        return cloud;
    }

    /** Why no image may be sent now, of no slot; empty if it may. */
    Optional<Hold> hold() {
        boolean images =
                own == Upload.IMAGES && cloud.values().stream().anyMatch(wish -> wish.upload() == Upload.IMAGES);
        return images ? closed() : Optional.of(Hold.UPLOAD_POLICY);
    }

    /** Why nothing of any kind may be sent at this time; empty if it may. Quiet hours are those of all slots. */
    public Optional<Hold> closed() {
        ZonedDateTime time = clock.instant().atZone(ownQuiet.zone());
        if (ownQuiet.at(time)
                || cloud.values().stream().anyMatch(wish -> wish.quiet().at(time))) {
            return Optional.of(Hold.QUIET_HOURS);
        }
        return meteredFile.filter(Files::exists).map(file -> Hold.METERED);
    }

    private ZoneId zone(SelectionPolicy policy) {
        return policy.getTimeZone().isEmpty() ? ownQuiet.zone() : QuietHours.zone(policy.getTimeZone());
    }
}
