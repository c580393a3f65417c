package io.cema.cloud.adaptation;

import static io.cema.cloud.adaptation.Uploads.upload;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SendersTest {
    @Test
    void newest_countsEachDeviceOnce() {
        assertThat(Senders.newest(List.of(upload(3, "a", "v2"), upload(1, "a", "v1"), upload(2, "b", "v1"))))
                .extracting(StoredSample::ordinal)
                .containsExactlyInAnyOrder(3L, 2L);
    }

    /** However much one of them sends. */
    @Test
    void version_isWhatMoreThanHalfOfTheDevicesRunNow() {
        List<StoredSample> uploads = List.of(
                upload(1, "a", "v2"),
                upload(2, "b", "v2"),
                upload(3, "c", "v1"),
                upload(4, "c", "v1"),
                upload(5, "c", "v1"),
                upload(6, "c", "v1"));

        assertThat(Senders.version(uploads)).contains("v2");
        assertThat(Senders.version(uploads.subList(0, 1))).contains("v2");
    }

    @Test
    void version_halfOfTheDevices_isNone() {
        assertThat(Senders.version(List.of(upload(1, "a", "v2"), upload(2, "b", ""))))
                .isEmpty();
        assertThat(Senders.version(List.of())).isEmpty();
    }
}
