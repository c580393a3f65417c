package io.cema.edge.frame;

import io.cema.edge.logging.LogLimit;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import java.io.File;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Raw video from a command's standard output: frames of one size, one after the other. The command is started without a
 * shell, its errors go to the log, and it is killed with all it started when it stalls or the agent stops. An agent that is
 * killed itself leaves it with a broken pipe, which ends ffmpeg and GStreamer.
 */
public final class CommandFeed implements FrameFeed {
    private static final Logger LOG = Logger.getLogger(CommandFeed.class);
    private static final long LOOK_MILLIS = 50;
    private static final long GRACE_MILLIS = 1_500;

    private final List<String> command;
    private final Video video;
    private final Duration stall;
    private final LogLimit log = new LogLimit(LOG, 20, Duration.ofMinutes(1));

    /** What the command gives. */
    public record Video(int width, int height, PixelFormat format) {
        public Video {
            if (width < 1 || height < 1 || (long) width * height > ImageCodec.MAX_PIXELS) {
                throw new IllegalArgumentException("cema.frames.command: frames of " + width + "x" + height
                        + " pixels; set cema.frames.command.width and .height to what the command gives");
            }
        }

        int size() {
            return format.size(width, height);
        }

        @Override
        public String toString() {
            return width + "x" + height + " " + format.name().toLowerCase(Locale.ROOT);
        }
    }

    private CommandFeed(List<String> command, Video video, Duration stall) {
        this.command = command;
        this.video = video;
        this.stall = stall;
    }

    /**
     * @param command program and arguments
     * @param stall without a frame for so long, it is killed and started again
     * @param framesPerSecond 0 for as many as come
     * @param drops told of frames that nobody gets
     */
    public static FrameSource source(
            List<String> command,
            Video video,
            Duration stall,
            double framesPerSecond,
            Consumer<FrameDrop> drops,
            Clock clock) {
        if (command.isEmpty() || command.get(0).isBlank()) {
            throw new IllegalArgumentException(
                    "cema.frames.source is COMMAND, so cema.frames.command.line must name a program and its arguments");
        }
        FrameFeed feed = new CommandFeed(List.copyOf(command), video, stall);
        return new LiveSource(feed, framesPerSecond, RestartPause.USUAL, drops, clock);
    }

    static FrameFeed feed(List<String> command, Video video, Duration stall) {
        return new CommandFeed(command, video, stall);
    }

    /** The program alone: arguments may hold a camera's password. */
    @Override
    public String description() {
        return "video " + video + " from " + command.get(0);
    }

    @Override
    public void read(Sink sink, BooleanSupplier stopped) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command).redirectInput(new File("/dev/null")).start();
        FramePump pump = new FramePump(process.getInputStream(), video.size(), raw -> sink.frame(new RawFrame(raw)));
        try {
            pump.start();
            ErrorLog.follow(process.getErrorStream(), line -> log.warn(command.get(0) + ": " + line));
            while (pump.isAlive() && !stopped.getAsBoolean()) {
                pump.join(LOOK_MILLIS);
                if (pump.silence().compareTo(stall) > 0) {
                    throw new IOException("gave no frame for " + stall.toMillis() + " ms and was killed");
                }
            }
            if (!stopped.getAsBoolean()) {
                throw new IOException(ending(process, pump));
            }
        } finally {
            pump.abandon();
            kill(process);
        }
    }

    private String ending(Process process, FramePump pump) throws InterruptedException {
        String status = process.waitFor(GRACE_MILLIS, TimeUnit.MILLISECONDS)
                ? "ended with status " + process.exitValue()
                : "closed its output";
        return pump.rest() == 0
                ? status
                : status + " inside a frame, after " + pump.rest() + " of " + video.size() + " bytes; it may not give "
                        + video + " as cema.frames.command says";
    }

    private static void kill(Process process) throws InterruptedException {
        List<ProcessHandle> all;
        try (Stream<ProcessHandle> children = process.descendants()) {
            all = Stream.concat(children, Stream.of(process.toHandle())).toList();
        }
        all.forEach(ProcessHandle::destroy);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GRACE_MILLIS);
        while (all.stream().anyMatch(ProcessHandle::isAlive) && System.nanoTime() - deadline < 0) {
            process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            if (!process.isAlive()) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
        }
        all.forEach(ProcessHandle::destroyForcibly);
    }

    private final class RawFrame implements Raw {
        private final byte[] bytes;

        RawFrame(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public Image decode() {
            return video.format().toImage(video.width(), video.height(), bytes);
        }

        @Override
        public Optional<Frame.Encoded> original() {
            return Optional.empty();
        }
    }
}
