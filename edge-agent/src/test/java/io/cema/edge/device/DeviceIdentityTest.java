package io.cema.edge.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.edge.device.DeviceIdentity.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceIdentityTest {
    @TempDir
    Path folder;

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
    void open_damaged_isRefused() throws IOException {
        Files.writeString(folder.resolve("identity.json"), "{\"gen");

        assertThatThrownBy(() -> DeviceIdentity.open(folder, "default", "cam-1"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("identity.json");
    }
}
