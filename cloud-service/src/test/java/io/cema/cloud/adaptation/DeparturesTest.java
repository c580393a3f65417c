package io.cema.cloud.adaptation;

import static io.cema.cloud.adaptation.Uploads.upload;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeparturesTest {
    private static final String LIVE = "live";

    private final Departures departures = new Departures();

    @Test
    void left_onceTheLiveVersionWasSeen_isWhoSendsUnderAnother() {
        departures.saw(List.of(upload(1, "a", LIVE), upload(2, "b", "old")), LIVE);

        assertThat(departures.left(upload(3, "a", "old"), LIVE)).isTrue();
        assertThat(departures.left(upload(3, "a", LIVE), LIVE)).isFalse();
        // Never had it: it did not arrive yet.
        assertThat(departures.left(upload(3, "b", "old"), LIVE)).isFalse();
    }

    @Test
    void left_whatWasSentBeforeTheLiveVersionCame_isNot() {
        departures.saw(List.of(upload(1, "a", "old"), upload(2, "a", LIVE)), LIVE);

        assertThat(departures.left(upload(1, "a", "old"), LIVE)).isFalse();
    }

    @Test
    void left_afterTheNextVersion_beginsAnew() {
        departures.saw(List.of(upload(1, "a", LIVE)), LIVE);
        departures.published();

        assertThat(departures.left(upload(2, "a", LIVE), "next")).isFalse();
    }

    @Test
    void mostLeft_isOfMoreThanHalfOfTheDevicesByTheirNewest() {
        departures.saw(List.of(upload(1, "a", LIVE), upload(2, "b", LIVE), upload(3, "c", LIVE)), LIVE);
        StoredSample gone = upload(9, "a", "old");
        StoredSample here = upload(5, "b", LIVE);

        assertThat(departures.mostLeft(List.of(), LIVE)).isFalse();
        assertThat(departures.mostLeft(List.of(gone, here), LIVE)).isFalse();
        assertThat(departures.mostLeft(List.of(gone, here, upload(6, "c", "old")), LIVE))
                .isTrue();
        assertThat(departures.mostLeft(List.of(gone, upload(7, "a", LIVE), upload(8, "a", LIVE)), LIVE))
                .isTrue();
    }

    /** The cloud is where they are. */
    @Test
    void mostLeft_whoWasFollowed_isNotLeaving() {
        departures.saw(List.of(upload(1, "a", LIVE)), LIVE);
        departures.followed(Optional.of("old"));

        assertThat(departures.mostLeft(List.of(upload(2, "a", "old")), LIVE)).isFalse();
        assertThat(departures.mostLeft(List.of(upload(3, "a", "older")), LIVE)).isTrue();

        departures.followed(Optional.empty());
        assertThat(departures.mostLeft(List.of(upload(4, "a", "old")), LIVE)).isTrue();
    }
}
