package io.cema.edge.update;

/**
 * Where an active model comes from.
 *
 * @param cohort whose adaptation it takes part in
 * @param channel "stable" or "canary"
 * @param update version (ULID) of the update folded in, empty for the base model
 * @param revision the publication of that update, {@link UpdateRevision#NONE} for the base model
 * @param experts affines in it, of which each frame takes one; 1 for the base model
 */
public record ModelOrigin(String cohort, String channel, String update, UpdateRevision revision, int experts) {
    /** The base model of a slot. */
    public static ModelOrigin base(String cohort, String channel) {
        return new ModelOrigin(cohort, channel, "", UpdateRevision.NONE, 1);
    }
}
