package io.cema.cloud.adaptation;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.message.UploadReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AnnouncementsTest {
    private final Announcements announcements = new Announcements();

    private long ordinal;

    @BeforeEach
    void published() {
        announcements.published(0);
        announcements.saw(List.of(), "new");
    }

    @Test
    void due_whileTheUpdateIsOnItsWay_isFalse() {
        announcements.saw(uploads(4, 0), "new");

        assertThat(announcements.due(seconds(1))).isFalse();
    }

    @Test
    void due_mostUploadsOfAnotherVersion_isTrueOnceInAWhile() {
        announcements.saw(uploads(3, 1), "new");
        assertThat(announcements.due(seconds(3))).isTrue();

        announcements.saw(uploads(3, 1), "new");
        assertThat(announcements.due(seconds(4))).isFalse();
        assertThat(announcements.due(seconds(6))).isTrue();
    }

    @Test
    void due_onceTheUploadsAreOfTheLiveVersion_isFalse() {
        announcements.saw(uploads(4, 0), "new");
        announcements.saw(uploads(2, 2), "new");
        announcements.saw(List.of(), "new");

        assertThat(announcements.due(seconds(3))).isFalse();
    }

    /** Too few for a batch, they may wait for hours; ten thousand devices must not be told every two seconds meanwhile. */
    @Test
    void due_uploadsThatOnlyWaitOn_isTrueOnce() {
        List<StoredSample> waiting = uploads(4, 0);
        announcements.saw(waiting, "new");
        assertThat(announcements.due(seconds(3))).isTrue();

        announcements.saw(waiting, "new");
        assertThat(announcements.due(seconds(60))).isFalse();
    }

    @Test
    void due_uploadsThatWaitedWhenItWasPublished_isFalse() {
        announcements.published(0);
        List<StoredSample> waiting = uploads(4, 0);

        announcements.saw(waiting, "new");
        announcements.saw(waiting, "new");

        assertThat(announcements.due(seconds(60))).isFalse();
    }

    @Test
    void due_devicesThatNeverTakeIt_areAskedEverMoreSeldom() {
        int asked = 0;
        for (int second = 0; second < 24 * 3600; second++) {
            announcements.saw(uploads(1, 0), "new");
            asked += announcements.due(seconds(second)) ? 1 : 0;
        }
        assertThat(asked).isBetween(20, 60);
    }

    private static long seconds(int seconds) {
        return Duration.ofSeconds(seconds).toNanos();
    }

    private List<StoredSample> uploads(int old, int live) {
        List<StoredSample> uploads = new ArrayList<>();
        for (int i = 0; i < old + live; i++) {
            uploads.add(new StoredSample(
                    ordinal++,
                    "device",
                    "artefact",
                    ImageFormat.PNG,
                    UploadReason.INFORMATIVE,
                    0,
                    i < old ? "old" : "new"));
        }
        return uploads;
    }
}
