package io.cema.edge.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.edge.storage.DiskWatch.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskWatchTest {
    @TempDir
    Path folder;

    private final List<Kind> told = new CopyOnWriteArrayList<>();
    private final AtomicInteger tries = new AtomicInteger();
    private DiskWatch disk;

    @AfterEach
    void close() {
        disk.close();
    }

    @Test
    void look_folderThatCanBeWritten_isSoundAndLeavesNothing() {
        disk = new DiskWatch(folder, 0);

        assertThat(disk.look().kind()).isEqualTo(Kind.SOUND);
        assertThat(disk.state().problem()).isEmpty();
        assertThat(disk.state().freeBytes()).isPositive();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void look_noFolderCanBeThere_failsUntilItCan() throws IOException {
        Path obstacle = Files.createFile(folder.resolve("data"));
        disk = watched(obstacle.resolve("edge"), 0);

        assertThat(disk.look().kind()).isEqualTo(Kind.FAILING);
        assertThat(disk.state().problem()).contains(obstacle.toString(), "check the disk");

        Files.delete(obstacle);
        assertThat(disk.look().sound()).isTrue();
        assertThat(told).containsExactly(Kind.FAILING, Kind.SOUND);
        assertThat(tries).hasValue(1);
    }

    @Test
    void fullDisk_isSaid_andOverWhenThereIsRoom() throws Exception {
        try (SmallDisk small = SmallDisk.mount(folder, 4)) {
            disk = watched(folder, 0);
            small.fill();
            assertThat(disk.look().kind()).isEqualTo(Kind.FULL);
            assertThat(disk.state().problem()).contains("No space left", folder.toString(), "free space");

            small.empty();
            assertThat(disk.look().kind()).isEqualTo(Kind.SOUND);
            assertThat(tries).hasValue(1);
        }
    }

    @Test
    void readOnlyDisk_isSaid_andOverWhenItIsMountedAnew() throws Exception {
        try (SmallDisk small = SmallDisk.mount(folder, 4)) {
            disk = watched(folder, 0);
            small.readOnly(true);
            assertThat(disk.look().kind()).isEqualTo(Kind.READ_ONLY);
            assertThat(disk.state().problem()).contains("Read-only", "mount it read-write");

            small.readOnly(false);
            assertThat(disk.look().kind()).isEqualTo(Kind.SOUND);
        }
    }

    @Test
    void diskWithLittleLeft_isLow_andStillTakesSmallFiles() throws Exception {
        try (SmallDisk small = SmallDisk.mount(folder, 4)) {
            disk = watched(folder, Long.MAX_VALUE);
            Files.write(folder.resolve("ballast"), new byte[(4 << 20) - (100 << 10)]);

            assertThat(disk.look().kind()).isEqualTo(Kind.LOW);
            assertThat(disk.state().writable()).isTrue();
            assertThat(disk.state().problem()).contains("cema.disk.min-free-bytes");

            small.empty();
            assertThat(disk.look().sound()).isTrue();
        }
    }

    @Test
    void failed_isCounted_andLookedIntoAtOnce() throws Exception {
        try (SmallDisk small = SmallDisk.mount(folder, 4)) {
            disk = watched(folder, 0);
            disk.look();
            small.fill();

            disk.failed("a sample cannot be spooled", new IOException("No space left on device"));

            await().atMost(Duration.ofSeconds(30)).until(() -> told.contains(Kind.FULL));
            assertThat(disk.failedWrites()).isEqualTo(1);
            small.empty();
        }
    }

    private DiskWatch watched(Path data, long minFreeBytes) {
        DiskWatch watch = new DiskWatch(data, minFreeBytes);
        watch.listen(state -> told.add(state.kind()));
        watch.whenWritable(tries::incrementAndGet);
        return watch;
    }
}
