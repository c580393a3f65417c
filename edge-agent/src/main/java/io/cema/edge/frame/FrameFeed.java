package io.cema.edge.frame;

import io.cema.protocol.image.Image;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** What a {@link LiveSource} keeps going: a camera that is opened, gives frames and ends, time and again. */
interface FrameFeed {
    /** For messages, and to know the stream again; without credentials. */
    String description();

    /**
     * Opens the camera and hands over its frames until it ends. Called again for each try. Returns soon after the stop.
     *
     * @param stopped asked often
     * @throws IOException why it ended, if not by itself; the message says what to do
     */
    void read(Sink sink, BooleanSupplier stopped) throws IOException, InterruptedException;

    /** Takes frames as they came. */
    interface Sink {
        /** Returns at once. Any thread. */
        void frame(Raw raw);
    }

    /** A frame before anybody has asked for its pixels. */
    interface Raw {
        /** @throws IllegalArgumentException if it cannot be decoded */
        Image decode();

        /** The file it came as, if it did. */
        Optional<Frame.Encoded> original();
    }
}
