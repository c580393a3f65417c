package io.cema.edge.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.edge.frame.WatchedFolderSource.Afterwards;
import io.cema.edge.frame.WatchedFolderSource.Order;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The source on a real folder; widths tell the images apart. */
class WatchedFolderSourceTest {
    @TempDir
    Path temporary;

    private final List<FrameDrop> drops = new CopyOnWriteArrayList<>();
    private final List<WatchedFolderSource> sources = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (WatchedFolderSource source : sources) {
            source.close();
        }
    }

    @Test
    void next_filesAtTheStart_comeInTheOrderOfTheirNames() throws IOException {
        write("b.png", png(2));
        write("a.png", png(1));
        WatchedFolderSource source = open(Order.NAME, Afterwards.KEEP);

        assertThat(width(source)).isEqualTo(1);
        assertThat(width(source)).isEqualTo(2);
    }

    @Test
    void next_orderOfTime_takesTheOldestFirst() throws IOException {
        write("a.png", png(1));
        write("b.png", png(2));
        Files.setLastModifiedTime(folder().resolve("b.png"), FileTime.fromMillis(1000));
        WatchedFolderSource source = open(Order.TIME, Afterwards.KEEP);

        assertThat(width(source)).isEqualTo(2);
        assertThat(width(source)).isEqualTo(1);
    }

    @Test
    void next_fileThatAppearsLater_isWaitedForAndGivenAsItCame() throws Exception {
        WatchedFolderSource source = open(Order.NAME, Afterwards.KEEP);
        CompletableFuture<Frame> next =
                CompletableFuture.supplyAsync(() -> source.next().orElseThrow());

        write("late.png", png(3));

        Frame frame = next.get();
        assertThat(frame.original().orElseThrow().bytes()).isEqualTo(png(3));
    }

    @Test
    void next_fileStillBeingWritten_isPassedByUntilItIsWhole() throws IOException {
        byte[] whole = png(9);
        write("a.png", Arrays.copyOf(whole, whole.length - 20));
        write("b.png", png(2));
        WatchedFolderSource source = open(Order.NAME, Afterwards.KEEP);
        assertThat(width(source)).isEqualTo(2);

        Files.write(
                folder().resolve("a.png"),
                Arrays.copyOfRange(whole, whole.length - 20, whole.length),
                StandardOpenOption.APPEND);

        assertThat(width(source)).isEqualTo(9);
        assertThat(drops).isEmpty();
    }

    @Test
    void next_afterARestart_takesNothingTwiceAndCountsOn() throws IOException {
        write("a.png", png(1));
        write("b.png", png(2));
        WatchedFolderSource first = open(Order.NAME, Afterwards.KEEP);
        Frame taken = first.next().orElseThrow();
        // Abandoned as by a kill.
        WatchedFolderSource second = open(Order.NAME, Afterwards.KEEP);
        second.seek(taken.number() + 1);

        Frame frame = second.next().orElseThrow();

        assertThat(frame.image().width()).isEqualTo(2);
        assertThat(frame.number()).isEqualTo(1);
    }

    @Test
    void next_fileOverwrittenWithAnotherImage_isTakenAgain() throws IOException {
        write("latest.png", png(1));
        WatchedFolderSource source = open(Order.NAME, Afterwards.KEEP);
        assertThat(width(source)).isEqualTo(1);

        write("latest.png", png(40));

        assertThat(width(source)).isEqualTo(40);
    }

    @Test
    void next_delete_removesWhatWasTakenAndKeepsWhatIsDamaged() throws IOException {
        byte[] damaged = png(1);
        damaged[20] = 99;
        write("a.png", damaged);
        write("b.png", png(2));
        WatchedFolderSource source = open(Order.NAME, Afterwards.DELETE);

        assertThat(width(source)).isEqualTo(2);

        assertThat(folder().resolve("b.png")).doesNotExist();
        assertThat(folder().resolve("a.png")).exists();
        assertThat(drops).containsExactly(FrameDrop.UNREADABLE);
    }

    @Test
    void next_noFolder_saysSoAndGoesOnWhenItIsThere() throws Exception {
        WatchedFolderSource source = open(Order.NAME, Afterwards.KEEP);
        CompletableFuture<Frame> next =
                CompletableFuture.supplyAsync(() -> source.next().orElseThrow());
        await().until(() -> source.problem().contains("cannot be read"));

        write("a.png", png(1));

        assertThat(next.get().image().width()).isEqualTo(1);
        await().until(() -> source.problem().isEmpty());
    }

    @Test
    void stop_whileWaiting_givesNothing() throws Exception {
        WatchedFolderSource source = open(Order.NAME, Afterwards.KEEP);
        CompletableFuture<Boolean> next =
                CompletableFuture.supplyAsync(() -> source.next().isEmpty());

        source.stop();

        assertThat(next.get()).isTrue();
    }

    @Test
    void taken_journalCutShort_forgetsTheLastEntryAlone() throws IOException {
        Path journal = temporary.resolve("taken");
        try (TakenFiles taken = TakenFiles.open(journal)) {
            taken.add(1);
            taken.add(2);
        }
        Files.write(journal, Arrays.copyOf(Files.readAllBytes(journal), 13));

        try (TakenFiles taken = TakenFiles.open(journal)) {
            assertThat(taken.contains(1)).isTrue();
            assertThat(taken.contains(2)).isFalse();
            taken.add(3);
        }
        try (TakenFiles taken = TakenFiles.open(journal)) {
            assertThat(taken.contains(3)).isTrue();
        }
    }

    private WatchedFolderSource open(Order order, Afterwards afterwards) throws IOException {
        WatchedFolderSource source = WatchedFolderSource.open(
                folder(),
                order,
                afterwards,
                Duration.ofMillis(100),
                temporary.resolve("taken"),
                drops::add,
                Clock.systemUTC());
        sources.add(source);
        return source;
    }

    private Path folder() {
        return temporary.resolve("images");
    }

    private void write(String name, byte[] bytes) throws IOException {
        Files.createDirectories(folder());
        Files.write(folder().resolve(name), bytes);
    }

    private static int width(WatchedFolderSource source) {
        return source.next().orElseThrow().image().width();
    }

    private static byte[] png(int width) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(width, 4, BufferedImage.TYPE_INT_RGB), "png", bytes);
        return bytes.toByteArray();
    }
}
