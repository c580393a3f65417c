package io.cema.edge.uplink;

import io.cema.protocol.message.SelectionPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    /** By slot; closed until the cloud's rules are known. Replaced as a whole. */
    private volatile Map<String, Wish> cloud = Map.of();

    private static final QuietHours NO_QUIET = new QuietHours(List.of(), ZoneId.of("UTC"));

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
     * Takes the cloud's rules for a slot. Ones that cannot be followed hold every image of it back.
     *
     * @param slot its cohort
     * @throws IllegalArgumentException saying what is wrong with them
     */
    public void follow(String slot, SelectionPolicy policy) {
        Wish before = cloud.get(slot);
        set(slot, Optional.of(new Wish(false, before == null ? NO_QUIET : before.quiet())));
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
        set(slot, Optional.of(new Wish(images, QuietHours.parse(policy.getQuietHoursList(), zone(policy)))));
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
        Map<String, Wish> now = cloud;
        return own == Upload.IMAGES
                && (now.containsKey(slot)
                        ? now.get(slot).images()
                        : !now.isEmpty() && now.values().stream().allMatch(Wish::images));
    }

    /** Another object after each change of the cloud's rules. */
    Object rules() {
        return cloud;
    }

    /** Why nothing may be sent now, of no slot; empty if it may. Quiet hours are those of all slots. */
    Optional<Hold> hold() {
        Map<String, Wish> now = cloud;
        if (own != Upload.IMAGES || now.values().stream().noneMatch(Wish::images)) {
            return Optional.of(Hold.UPLOAD_POLICY);
        }
        ZonedDateTime time = clock.instant().atZone(ownQuiet.zone());
        if (ownQuiet.at(time)
                || now.values().stream().anyMatch(wish -> wish.quiet().at(time))) {
            return Optional.of(Hold.QUIET_HOURS);
        }
        return meteredFile.filter(Files::exists).map(file -> Hold.METERED);
    }

    private ZoneId zone(SelectionPolicy policy) {
        return policy.getTimeZone().isEmpty() ? ownQuiet.zone() : QuietHours.zone(policy.getTimeZone());
    }
}
