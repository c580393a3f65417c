package io.cema.edge.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.cema.edge.frame.CommandFeed.Video;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes; frames of 2x1 pixels in grey, so that each is two characters. */
class CommandFeedTest {
    private static final Video VIDEO = new Video(2, 1, PixelFormat.GRAY);
    private static final RestartPause SOON = new RestartPause(Duration.ofMillis(1), Duration.ofMillis(20));
    private static final Duration PATIENT = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private final List<FrameDrop> drops = new CopyOnWriteArrayList<>();
    private final List<LiveSource> sources = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (LiveSource source : sources) {
            source.close();
        }
    }

    @Test
    void next_rawVideo_givesThePixelsAndCountsOnFromTheSeek() {
        LiveSource source = shell("printf ab; sleep 1000");
        source.seek(7);

        Frame frame = source.next().orElseThrow();

        assertThat(frame.number()).isEqualTo(7);
        assertThat(frame.image().rgb()).containsExactly('a', 'a', 'a', 'b', 'b', 'b');
        assertThat(frame.original()).isEmpty();
        assertThat(source.problem()).isEmpty();
    }

    @Test
    void next_slowReader_getsTheNewestAndTheOthersAreCounted() throws IOException {
        Path go = folder.resolve("go");
        LiveSource source = shell("printf aa; until [ -e " + go + " ]; do sleep .05; done; printf bbcc; sleep 1000");
        assertThat(source.next().orElseThrow().image().rgb()).containsOnly('a');

        Files.createFile(go);
        await().until(() -> drops.equals(List.of(FrameDrop.OVERTAKEN)));

        Frame frame = source.next().orElseThrow();
        assertThat(frame.image().rgb()).containsOnly('c');
        assertThat(frame.number()).isEqualTo(1);
    }

    @Test
    void next_commandEnds_isStartedAgain() {
        LiveSource source = shell("printf ab");

        assertThat(source.next()).isPresent();
        assertThat(source.next()).isPresent();
        assertThat(source.next()).isPresent();
    }

    @Test
    void problem_endsInsideAFrame_saysThatTheSizeIsWrong() {
        LiveSource source = shell("printf abc; exit 3");

        CompletableFuture.runAsync(source::next);

        // One look at a time: the problem goes when the command, started again, gives its first frame.
        await().until(() -> {
            String problem = source.problem();
            return problem.contains("status 3")
                    && problem.contains("after 1 of 2 bytes")
                    && problem.contains("2x1 gray");
        });
    }

    @Test
    void problem_noSuchProgram_isSaid() {
        LiveSource source = source(List.of("/no/such/program"), PATIENT);

        CompletableFuture.runAsync(source::next);

        await().until(() -> source.problem().contains("/no/such/program"));
    }

    @Test
    void next_commandStalls_isKilledAndStartedAgain() throws IOException {
        LiveSource source = source(sh("echo $$ >> " + pids() + "; printf ab; exec sleep 1000"), Duration.ofMillis(200));

        assertThat(source.next()).isPresent();
        assertThat(source.next()).isPresent();

        assertThat(alive(Files.readAllLines(pids()).get(0))).isFalse();
    }

    @Test
    void close_commandWithAChildThatIgnoresTheSignal_leavesNeitherBehind() throws IOException {
        LiveSource source =
                shell("trap '' TERM; sleep 1000 & echo $$ $! > " + pids() + "; printf ab; wait; sleep 1000");
        source.next();

        source.close();

        for (String pid : Files.readString(pids()).trim().split(" ")) {
            await().until(() -> !alive(pid));
        }
    }

    @Test
    void next_manyComplaints_doNotHoldTheFramesUp() {
        LiveSource source = shell("i=0; while [ $i -lt 5000 ]; do echo a complaint that goes on for a while >&2; "
                + "i=$((i+1)); done; printf ab; sleep 1000");

        assertThat(source.next()).isPresent();
    }

    @Test
    void next_noShell_argumentsAreTakenAsTheyAre() {
        LiveSource source = source(List.of("printf", "%s", "$("), PATIENT);

        assertThat(source.next().orElseThrow().image().rgb()).containsExactly('$', '$', '$', '(', '(', '(');
    }

    @Test
    void next_rate_dropsWhatIsMore() {
        LiveSource source = new LiveSource(
                CommandFeed.feed(sh("printf aabbcc; sleep 1000"), VIDEO, PATIENT),
                .001,
                SOON,
                drops::add,
                Clock.systemUTC());
        sources.add(source);

        assertThat(source.next().orElseThrow().image().rgb()[0]).isEqualTo((byte) 'a');

        await().until(() -> drops.equals(List.of(FrameDrop.RATE_LIMITED, FrameDrop.RATE_LIMITED)));
    }

    @Test
    void stop_whileWaiting_givesNothing() {
        LiveSource source = shell("sleep 1000");
        CompletableFuture<Optional<Frame>> next = CompletableFuture.supplyAsync(source::next);

        source.stop();

        assertThat(next.join()).isEmpty();
    }

    @Test
    void next_ffmpeg_givesItsColours() {
        assumeThat(Files.isExecutable(Path.of("/usr/bin/ffmpeg")))
                .as("ffmpeg is not installed here: not tried with it")
                .isTrue();
        List<String> ffmpeg = List.of(
                "/usr/bin/ffmpeg",
                "-loglevel",
                "error",
                "-f",
                "lavfi",
                "-i",
                "color=red:s=16x16:r=5",
                "-f",
                "rawvideo",
                "-pix_fmt",
                "rgb24",
                "-");
        LiveSource source = new LiveSource(
                CommandFeed.feed(ffmpeg, new Video(16, 16, PixelFormat.RGB24), PATIENT),
                0,
                SOON,
                drops::add,
                Clock.systemUTC());
        sources.add(source);

        byte[] rgb = source.next().orElseThrow().image().rgb();

        assertThat(Byte.toUnsignedInt(rgb[0])).isGreaterThan(240);
        assertThat(Byte.toUnsignedInt(rgb[1])).isLessThan(16);
    }

    @Test
    void video_noSize_isRefusedWithTheSettingsName() {
        assertThatThrownBy(() -> new Video(0, 1, PixelFormat.GRAY)).hasMessageContaining("cema.frames.command.width");
    }

    private LiveSource shell(String script) {
        return source(sh(script), PATIENT);
    }

    private LiveSource source(List<String> command, Duration stall) {
        LiveSource source =
                new LiveSource(CommandFeed.feed(command, VIDEO, stall), 0, SOON, drops::add, Clock.systemUTC());
        sources.add(source);
        return source;
    }

    private Path pids() {
        return folder.resolve("pids");
    }

    private static List<String> sh(String script) {
        return List.of("/bin/sh", "-c", script);
    }

    private static boolean alive(String pid) {
        return ProcessHandle.of(Long.parseLong(pid.trim()))
                .map(ProcessHandle::isAlive)
                .orElse(false);
    }
}
