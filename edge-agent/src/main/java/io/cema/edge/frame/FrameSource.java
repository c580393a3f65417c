package io.cema.edge.frame;

import java.io.IOException;
import java.util.Optional;

/** A finite or endless stream of frames. One thread; its reader owns it and closes it. */
public interface FrameSource extends AutoCloseable {
    /** What the stream is, for messages and to tell one stream from another across restarts. */
    String description();

    /** Goes to a frame, so that {@link #next} gives it or the first after it. */
    void seek(long number);

    /**
     * The next frame; empty at the end of the stream.
     *
     * @throws IOException if the stream cannot be read further
     */
    Optional<Frame> next() throws IOException;

    @Override
    void close() throws IOException;
}
