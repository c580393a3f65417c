package io.cema.ops.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.security.AuthorityFolder;
import io.cema.cloud.security.CertificateAuthority;
import io.cema.protocol.topic.Principal;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.cema.protocol.topic.UpdateReaders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a device may read when the list of slots is not as it should be. */
class SlotsTest {
    private static final Principal.Device CAMERA = new Principal.Device("default", "cam-1");
    private static final String EAST = Topics.update("default", "east", "0123456789abcdef", "stable");
    private static final String WEST = Topics.update("default", "west", "0123456789abcdef", "stable");

    @TempDir
    Path data;

    private AuthorityFolder folder;
    private Slots slots;

    @BeforeEach
    void open() throws IOException {
        folder = AuthorityFolder.open(data.resolve("ca"), Clock.systemUTC());
        slots = new Slots(folder.file("authority.pem"), folder.file("slots.acl"));
    }

    @Test
    void without_a_list_devices_read_what_is_their_own_and_no_updates() {
        slots.refresh();

        assertThat(slots.allow(CAMERA, EAST)).isFalse();
        assertThat(slots.allow(CAMERA, Topics.device("default", "cam-1", DeviceLeaf.DESIRED)))
                .isTrue();
    }

    @Test
    void replaced_list_counts_at_the_next_look() throws IOException {
        write(folder.authority(), EAST);
        slots.refresh();
        assertThat(slots.allow(CAMERA, EAST)).isTrue();
        write(folder.authority(), WEST);

        slots.refresh();

        assertThat(slots.allow(CAMERA, EAST)).isFalse();
        assertThat(slots.allow(CAMERA, WEST)).isTrue();
    }

    @Test
    void list_of_another_authority_does_not_take_the_place_of_a_good_one() throws IOException {
        write(folder.authority(), EAST);
        slots.refresh();
        write(CertificateAuthority.create(Clock.systemUTC()), WEST);

        slots.refresh();

        assertThat(slots.allow(CAMERA, EAST)).isTrue();
        assertThat(slots.allow(CAMERA, WEST)).isFalse();
    }

    @Test
    void list_that_is_not_whole_or_missing_does_not_take_the_place_of_a_good_one() throws IOException {
        write(folder.authority(), EAST);
        slots.refresh();
        Path file = folder.file("slots.acl");
        Files.writeString(file, Files.readString(file).substring(0, 40));
        slots.refresh();
        Files.delete(file);
        slots.refresh();

        assertThat(slots.allow(CAMERA, EAST)).isTrue();
    }

    @Test
    void list_without_a_signature_allows_nothing() throws IOException {
        folder.writeSlots(readers(EAST).text());

        slots.refresh();

        assertThat(slots.allow(CAMERA, EAST)).isFalse();
    }

    private void write(CertificateAuthority authority, String topic) throws IOException {
        folder.writeSlots(authority.signedSlots(readers(topic)));
    }

    private static UpdateReaders readers(String topic) {
        return UpdateReaders.of(Map.of(CAMERA, Set.of(topic)));
    }
}
