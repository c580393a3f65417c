package io.cema.edge.device;

/**
 * How far a slot is with what was wished of it last.
 *
 * @param version of the desired state the wish is from
 * @param inForce whether it is fulfilled
 * @param problem why not; empty while nothing went wrong
 */
record Standing(long version, boolean inForce, String problem) {
    static final Standing NONE = new Standing(0, false, "");

    boolean inForceSince(long wished) {
        return inForce && version == wished;
    }

    String problemWith(long wished) {
        return version == wished ? problem : "";
    }
}
