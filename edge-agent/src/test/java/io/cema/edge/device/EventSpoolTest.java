package io.cema.edge.device;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.edge.storage.DiskWatch;
import io.cema.protocol.message.DeviceEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventSpoolTest {
    @TempDir
    Path data;

    private Path folder;
    private DiskWatch disk;

    @BeforeEach
    void openDisk() {
        folder = data.resolve("events");
        disk = new DiskWatch(data, 0);
    }

    @AfterEach
    void closeDisk() {
        disk.close();
    }

    @Test
    void open_again_hasWhatWasAddedInOrder() throws IOException {
        EventSpool spool = open();
        spool.add(event("one"));
        spool.add(event("two"));

        assertThat(reasons(open())).containsExactly("one", "two");
    }

    @Test
    void open_damagedFile_isDeletedAndTheOthersStay() throws IOException {
        open().add(event("one"));
        try (Stream<Path> files = Files.list(folder)) {
            Path file = files.findFirst().orElseThrow();
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length - 1] ^= 1;
            Files.write(file, bytes);
        }
        Files.write(folder.resolve("01J00000000000000000000000.event"), new byte[0]);
        open().add(event("two"));

        assertThat(reasons(open())).containsExactly("two");
    }

    @Test
    void open_fileOfAnEarlierAgent_isRead() throws IOException {
        Files.createDirectories(folder);
        Files.write(
                folder.resolve("01J00000000000000000000000.event"), event("old").toByteArray());

        assertThat(reasons(open())).containsExactly("old");
    }

    @Test
    void add_diskTakesNothing_isKeptInMemoryAndWrittenWithTheNext() throws IOException {
        EventSpool spool = open();
        Files.delete(folder);
        Files.createFile(folder);
        spool.add(event("one"));
        assertThat(reasons(spool)).containsExactly("one");

        Files.delete(folder);
        spool.add(event("two"));

        assertThat(reasons(open())).containsExactly("one", "two");
    }

    @Test
    void add_afterTheClockWasSetBack_comesLast() throws IOException {
        long nextYear = System.currentTimeMillis() + Duration.ofDays(365).toMillis();
        Files.createDirectories(folder);
        Files.write(
                folder.resolve(UlidCreator.getUlid(nextYear) + ".event"),
                event("before").toByteArray());

        EventSpool spool = open();
        spool.add(event("after"));
        spool.add(event("last"));

        assertThat(reasons(spool)).containsExactly("before", "after", "last");
    }

    private EventSpool open() throws IOException {
        return EventSpool.open(folder, disk);
    }

    private static DeviceEvent event(String reason) {
        return DeviceEvent.newBuilder()
                .setType(DeviceEvent.Type.FAILED)
                .setReason(reason)
                .build();
    }

    private static List<String> reasons(EventSpool spool) {
        return spool.oldest(10).stream().map(e -> e.getValue().getReason()).toList();
    }
}
