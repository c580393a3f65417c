package io.cema.edge;

import io.cema.edge.frame.PixelFormat;
import io.cema.edge.frame.WatchedFolderSource;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where images come from, under {@code cema.frames}. */
public interface FrameSettings {
    @WithDefault("none")
    Source source();

    /** Record file, image folder or watched folder. */
    Optional<Path> path();

    /** The slot, by its cohort, whose model sees the frames; absent: the first of the desired state. */
    Optional<String> slot();

    /** Frames per second, 0 for as fast as they come; a live source drops what is more. */
    @WithDefault("0")
    double rate();

    /** Wait with the first frame until a model is in use; otherwise frames before that are passed over. */
    @WithDefault("true")
    boolean startOnActive();

    /** Begin again at the end. */
    @WithDefault("false")
    boolean loop();

    Watch watch();

    Command command();

    Http http();

    /** What the frames are. */
    enum Source {
        RECORD,
        /** The images a folder has at the start. */
        FOLDER,
        /** The images a folder has and will get. */
        WATCH,
        /** Raw video from a command's standard output. */
        COMMAND,
        /** MJPEG over HTTP. */
        HTTP,
        NONE
    }

    /** A watched folder. */
    interface Watch {
        /** Which of several new files goes first. */
        @WithDefault("name")
        WatchedFolderSource.Order order();

        /** What becomes of a file that was taken. */
        @WithDefault("keep")
        WatchedFolderSource.Afterwards afterwards();

        /** How long a file must have stood unchanged before it counts as whole. */
        @WithDefault("1s")
        Duration settle();
    }

    /** A command that gives raw video. */
    interface Command {
        /** Program and arguments; no shell reads them. */
        Optional<List<String>> line();

        @WithDefault("0")
        int width();

        @WithDefault("0")
        int height();

        @WithDefault("rgb24")
        PixelFormat format();

        /** Without a frame for so long, the command is killed and started again. */
        @WithDefault("10s")
        Duration stall();
    }

    /** A network camera. */
    interface Http {
        /** Without credentials. */
        Optional<URI> url();

        /** For Basic or Digest, as the camera asks. */
        Optional<String> user();

        Optional<String> password();

        /** Of the connection and of each read; then the camera is asked again. */
        @WithDefault("10s")
        Duration timeout();
    }
}
