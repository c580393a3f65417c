package io.cema.edge.frame;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Cuts a pipe into frames of one size, on a thread of its own: a read of a pipe cannot be interrupted, so whoever watches
 * it must be another thread, and walks away when it hangs.
 */
final class FramePump extends Thread {
    private final InputStream pipe;
    private final int size;
    private final Consumer<byte[]> frames;
    private volatile long lastNanos = System.nanoTime();
    private volatile int rest;
    private volatile boolean abandoned;

    FramePump(InputStream pipe, int size, Consumer<byte[]> frames) {
        super("cema-video-pipe");
        this.pipe = pipe;
        this.size = size;
        this.frames = frames;
        setDaemon(true);
    }

    @Override
    public void run() {
        try (pipe) {
            while (!abandoned) {
                byte[] frame = pipe.readNBytes(size);
                if (frame.length < size) {
                    rest = frame.length;
                    return;
                }
                lastNanos = System.nanoTime();
                if (!abandoned) {
                    frames.accept(frame);
                }
            }
        } catch (IOException e) {
            // The process was killed: its end is told by whoever did.
            rest = 0;
        }
    }

    /** How long since the last whole frame, or the beginning. */
    Duration silence() {
        return Duration.ofNanos(System.nanoTime() - lastNanos);
    }

    /** Bytes of a frame that the end of the pipe cut short; 0 if it ended between frames. */
    int rest() {
        return rest;
    }

    /** No frame is handed over from now on. */
    void abandon() {
        abandoned = true;
    }
}
