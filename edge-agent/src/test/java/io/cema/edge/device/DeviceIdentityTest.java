package io.cema.edge.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.edge.device.DeviceIdentity.Position;
import io.cema.edge.storage.Damages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceIdentityTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    @TempDir
    Path folder;

    private final Damages damages = new Damages();

    @Test
    void raiseConnection_beginsTheSequenceAnew() throws IOException {
        DeviceIdentity identity = DeviceIdentity.open(folder, "default", "cam-1");
        Position before = identity.next();

        Position after = identity.raiseConnection();

        assertThat(after.connection()).isEqualTo(before.connection() + 1);
        assertThat(after.sequence()).isEqualTo(1);
    }

    @Test
    void open_again_isAboveEverythingSaidBefore() throws IOException {
        DeviceIdentity first = DeviceIdentity.open(folder, "default", "cam-1");
        Position before = first.raiseConnection();

        Position after = DeviceIdentity.open(folder, "default", "cam-1").next();

        assertThat(after.connection()).isGreaterThan(before.connection());
    }

    @Test
    void enrolment_putsTheDeviceAboveEverythingSaidBefore_andStays() throws IOException {
        DeviceIdentity identity = DeviceIdentity.open(folder, "default", "cam-1");

        identity.enrolled(3);
        identity.enrolled(2);

        assertThat(identity.next().generation()).isEqualTo(3);
        assertThat(DeviceIdentity.open(folder, "default", "cam-1").next().generation())
                .isEqualTo(3);
    }

    @Test
    void open_damaged_goesOnFromTheCopy() throws IOException {
        DeviceIdentity before = DeviceIdentity.open(folder, "default", "cam-1");
        before.enrolled(3);
        Files.writeString(folder.resolve("identity.json"), "{\"gen");

        Position after = open().next();

        assertThat(after.generation()).isEqualTo(3);
        assertThat(after.connection()).isGreaterThan(before.next().connection());
        assertThat(damages.count()).isEqualTo(1);
        assertThat(folder.resolve("identity.json.corrupt")).hasContent("{\"gen");
    }

    @Test
    void open_damagedAndSoTheCopy_goesOnFromTheClock() throws IOException {
        DeviceIdentity.open(folder, "default", "cam-1");
        Files.writeString(folder.resolve("identity.json"), "");
        Files.writeString(folder.resolve("identity.json.copy"), "null");

        assertThat(open().next().connection()).isGreaterThan(NOW.getEpochSecond());
    }

    @Test
    void raiseConnection_diskFull_goesOnForSomeConnections() throws IOException {
        DeviceIdentity identity = DeviceIdentity.open(folder, "default", "cam-1");
        long first = identity.next().connection();
        // What stands where the file is written makes every write fail.
        Files.createDirectories(folder.resolve("identity.json.copy.tmp/in-the-way"));

        for (int i = 1; i < DeviceIdentity.BLOCK; i++) {
            assertThat(identity.raiseConnection().connection()).isEqualTo(first + i);
        }

        assertThatThrownBy(identity::raiseConnection)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("identity.json");
    }

    private DeviceIdentity open() throws IOException {
        return DeviceIdentity.open(folder, "default", "cam-1", NOW, damages);
    }
}
