package io.cema.edge.update;

/** What became of an update that arrived. */
public sealed interface UpdateResult {
    /**
     * It is in force.
     *
     * @param millis from arrival to the swap
     */
    record Applied(String version, UpdateRevision revision, double millis) implements UpdateResult {}

    /**
     * It is not, and the model in use is as before.
     *
     * @param version empty where it could not be read
     * @param revision {@link UpdateRevision#NONE} where it could not be read
     * @param reason what was wrong, for the cloud's operator
     */
    record Rejected(String version, UpdateRevision revision, String reason) implements UpdateResult {}

    /**
     * It is good, but the disk did not take it, so it is not in force; it is tried again when the disk can be written. No
     * fault of the update's, hence no event.
     */
    record Deferred(String version, UpdateRevision revision, String reason) implements UpdateResult {}

    /** It was dealt with before (a retained message comes again with every connect), or is not for this device now. */
    record Ignored(String version, UpdateRevision revision, String reason) implements UpdateResult {}

    /** The version in use was taken back; {@code version} is the one that was taken back. */
    record RolledBack(String version, UpdateRevision revision, String reason) implements UpdateResult {}

    /**
     * The domain it was left with came back, so it is in force again; version and revision are empty for the registered
     * model.
     *
     * @param millis from the frame that showed it to the swap
     */
    record Recalled(String version, UpdateRevision revision, double millis) implements UpdateResult {}
}
