package io.cema.edge.frame;

import java.io.IOException;
import java.util.Optional;

/** A finite or endless stream of frames. One thread; its reader owns it and closes it. */
public interface FrameSource extends AutoCloseable {
    /** What the stream is, for messages and to tell one stream from another across restarts; holds no credentials. */
    String description();

    /** Goes to a frame, so that {@link #next} gives it or the first after it; a live stream counts on from there. */
    void seek(long number);

    /**
     * The next frame, waited for if the stream is live; empty at the end of the stream, or once {@link #stop} was called.
     *
     * @throws IOException if the stream cannot be read further
     */
    Optional<Frame> next() throws IOException;

    /** Ends a wait in {@link #next}, now and later. Any thread. */
    default void stop() {}

    /** Whether frames come at their own pace, so that nobody need keep one. */
    default boolean live() {
        return false;
    }

    /** Why no frames come at present; empty if they do. Any thread. */
    default String problem() {
        return "";
    }

    @Override
    void close() throws IOException;
}
