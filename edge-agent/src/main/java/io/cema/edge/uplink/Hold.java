package io.cema.edge.uplink;

/** Why the spool is not being emptied. */
public enum Hold {
    /** It is, or it is empty. */
    NONE,
    /** The slot in use is not to be adapted. */
    ADAPTATION_OFF,
    UPLOAD_POLICY,
    QUIET_HOURS,
    METERED,
    OFFLINE,
    BUDGET,
    /** As many samples as may be wait for the cloud's word. */
    UNACKNOWLEDGED
}
