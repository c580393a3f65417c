package io.cema.edge;

import io.cema.edge.device.AgentMetrics;
import io.cema.edge.frame.CommandFeed;
import io.cema.edge.frame.FrameDrop;
import io.cema.edge.frame.FrameSource;
import io.cema.edge.frame.ImageFolderSource;
import io.cema.edge.frame.MjpegFeed;
import io.cema.edge.frame.RecordFileSource;
import io.cema.edge.frame.WatchedFolderSource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The frame source that the settings ask for. */
final class FrameSources {
    private FrameSources() {}

    /**
     * @param data the agent's folder
     * @param metrics counts what the source itself drops
     */
    static Optional<FrameSource> open(FrameSettings settings, Path data, AgentMetrics metrics, Clock clock)
            throws IOException {
        Consumer<FrameDrop> drops = drop -> metrics.skipped(drop.name());
        return switch (settings.source()) {
            case NONE -> Optional.empty();
            case RECORD -> Optional.of(RecordFileSource.open(path(settings), clock));
            case FOLDER -> Optional.of(ImageFolderSource.open(path(settings), clock));
            case WATCH ->
                Optional.of(WatchedFolderSource.open(
                        path(settings),
                        settings.watch().order(),
                        settings.watch().afterwards(),
                        settings.watch().settle(),
                        data.resolve("frames.taken"),
                        drops,
                        clock));
            case COMMAND -> Optional.of(command(settings, drops, clock));
            case HTTP -> Optional.of(http(settings, drops, clock));
        };
    }

    private static FrameSource command(FrameSettings settings, Consumer<FrameDrop> drops, Clock clock) {
        FrameSettings.Command command = settings.command();
        return CommandFeed.source(
                command.line().orElse(List.of()),
                new CommandFeed.Video(command.width(), command.height(), command.format()),
                command.stall(),
                settings.rate(),
                drops,
                clock);
    }

    private static FrameSource http(FrameSettings settings, Consumer<FrameDrop> drops, Clock clock) {
        FrameSettings.Http http = settings.http();
        return MjpegFeed.source(
                http.url()
                        .orElseThrow(() -> new IllegalArgumentException(
                                "cema.frames.source is HTTP, so cema.frames.http.url must name the camera's stream")),
                http.user()
                        .map(user ->
                                new MjpegFeed.Credentials(user, http.password().orElse(""))),
                http.timeout(),
                settings.rate(),
                drops,
                clock);
    }

    private static Path path(FrameSettings settings) {
        return settings.path()
                .orElseThrow(() -> new IllegalArgumentException(
                        "cema.frames.source is " + settings.source() + ", so cema.frames.path must name it"));
    }
}
