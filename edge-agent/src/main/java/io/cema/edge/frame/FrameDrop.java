package io.cema.edge.frame;

/** Why a source gave a frame to nobody. */
public enum FrameDrop {
    /** A newer one came while the one before was in work. */
    OVERTAKEN,
    /** More came than {@code cema.frames.rate} asks for. */
    RATE_LIMITED,
    /** It could not be decoded. */
    UNREADABLE
}
