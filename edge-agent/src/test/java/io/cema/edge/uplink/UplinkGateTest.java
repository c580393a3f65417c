package io.cema.edge.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.edge.uplink.UplinkGate.Upload;
import io.cema.protocol.message.SelectionPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UplinkGateTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final SelectionPolicy NO_WISH = SelectionPolicy.getDefaultInstance();

    @TempDir
    Path folder;

    @Test
    void hold_beforeTheCloudsRulesAreKnown_isClosed() {
        assertThat(gate(Upload.IMAGES, "2026-06-01T12:00:00Z").hold()).contains(Hold.UPLOAD_POLICY);
    }

    @Test
    void hold_nothingAgainstIt_isOpen() {
        assertThat(following(Upload.IMAGES, "2026-06-01T12:00:00Z", NO_WISH).hold())
                .isEmpty();
    }

    @Test
    void imagesAllowed_oneSideForbids_areNot() {
        SelectionPolicy images =
                NO_WISH.toBuilder().setUpload(SelectionPolicy.Upload.IMAGES).build();
        SelectionPolicy none =
                NO_WISH.toBuilder().setUpload(SelectionPolicy.Upload.NO_UPLOAD).build();

        assertThat(following(Upload.NONE, "2026-06-01T12:00:00Z", images).imagesAllowed("fog-east"))
                .isFalse();
        assertThat(following(Upload.IMAGES, "2026-06-01T12:00:00Z", none).imagesAllowed("fog-east"))
                .isFalse();
        assertThat(following(Upload.IMAGES, "2026-06-01T12:00:00Z", images).imagesAllowed("fog-east"))
                .isTrue();
    }

    @Test
    void statisticsAllowed_lessOfBothSides_counts() {
        SelectionPolicy statistics = NO_WISH.toBuilder()
                .setUpload(SelectionPolicy.Upload.STATISTICS_ALONE)
                .build();
        SelectionPolicy none =
                NO_WISH.toBuilder().setUpload(SelectionPolicy.Upload.NO_UPLOAD).build();

        UplinkGate wished = following(Upload.IMAGES, "2026-06-01T12:00:00Z", statistics);
        assertThat(wished.statisticsAllowed("fog-east")).isTrue();
        assertThat(wished.imagesAllowed("fog-east")).isFalse();
        assertThat(wished.hold()).contains(Hold.UPLOAD_POLICY);
        assertThat(wished.closed()).isEmpty();
        assertThat(following(Upload.STATISTICS, "2026-06-01T12:00:00Z", NO_WISH).statisticsAllowed("fog-east"))
                .isTrue();
        assertThat(following(Upload.STATISTICS, "2026-06-01T12:00:00Z", none).statisticsAllowed("fog-east"))
                .isFalse();
        assertThat(following(Upload.NONE, "2026-06-01T12:00:00Z", statistics).statisticsAllowed("fog-east"))
                .isFalse();
        assertThat(following(Upload.IMAGES, "2026-06-01T12:00:00Z", NO_WISH).statisticsAllowed("fog-east"))
                .as("where images may go up, statistics are not wanted")
                .isFalse();
    }

    @Test
    void statisticsAllowed_beforeTheCloudsRulesAreKnown_areNot() {
        assertThat(gate(Upload.STATISTICS, "2026-06-01T12:00:00Z").statisticsAllowed("fog-east"))
                .isFalse();
    }

    @Test
    void statistics_onAnEngineThatMakesNone_areRefusedAndNothingLeaves() {
        SelectionPolicy statistics = NO_WISH.toBuilder()
                .setUpload(SelectionPolicy.Upload.STATISTICS_ALONE)
                .build();
        QuietHours never = QuietHours.parse(List.of(), BERLIN);
        UplinkGate gate = new UplinkGate(Upload.IMAGES, false, never, Optional.empty(), Clock.systemUTC());
        gate.follow("fog-east", NO_WISH);

        assertThatThrownBy(() -> gate.follow("fog-east", statistics))
                .hasMessageContaining("not available on this engine");
        assertThat(gate.imagesAllowed("fog-east")).isFalse();
        assertThat(gate.statisticsAllowed("fog-east")).isFalse();
        assertThatThrownBy(() -> new UplinkGate(Upload.STATISTICS, false, never, Optional.empty(), Clock.systemUTC()))
                .hasMessageContaining("none or images");
    }

    @Test
    void follow_unknownRule_holdsImagesBack() {
        UplinkGate gate = following(Upload.IMAGES, "2026-06-01T12:00:00Z", NO_WISH);

        assertThatThrownBy(() -> gate.follow(
                        "fog-east", NO_WISH.toBuilder().setUploadValue(99).build()))
                .hasMessageContaining("99");
        assertThat(gate.imagesAllowed("fog-east")).isFalse();
    }

    @Test
    void imagesAllowed_ofOneSlotAlone_isThatSlotsAffair() {
        UplinkGate gate = following(Upload.IMAGES, "2026-06-01T12:00:00Z", NO_WISH);

        gate.follow(
                "indoors",
                NO_WISH.toBuilder().setUpload(SelectionPolicy.Upload.NO_UPLOAD).build());

        assertThat(gate.imagesAllowed("fog-east")).isTrue();
        assertThat(gate.imagesAllowed("indoors")).isFalse();
        assertThat(gate.hold()).isEmpty();
    }

    @Test
    void imagesAllowed_ofASlotThatIsNoMore_needsTheConsentOfAllOthers() {
        UplinkGate gate = following(Upload.IMAGES, "2026-06-01T12:00:00Z", NO_WISH);
        gate.follow("indoors", NO_WISH);

        gate.forget("fog-east");
        assertThat(gate.imagesAllowed("fog-east")).isTrue();

        gate.follow(
                "indoors",
                NO_WISH.toBuilder().setUpload(SelectionPolicy.Upload.NO_UPLOAD).build());
        assertThat(gate.imagesAllowed("fog-east")).isFalse();
        gate.forget("indoors");
        assertThat(gate.imagesAllowed("fog-east")).isFalse();
    }

    @Test
    void statisticsAllowed_ofOneSlotAlone_isThatSlotsAffair() {
        UplinkGate gate = following(Upload.IMAGES, "2026-06-01T12:00:00Z", NO_WISH);

        gate.follow(
                "indoors",
                NO_WISH.toBuilder()
                        .setUpload(SelectionPolicy.Upload.STATISTICS_ALONE)
                        .build());

        assertThat(gate.statisticsAllowed("indoors")).isTrue();
        assertThat(gate.statisticsAllowed("fog-east")).isFalse();
        assertThat(gate.imagesAllowed("indoors")).isFalse();
        assertThat(gate.imagesAllowed("fog-east")).isTrue();
        assertThat(gate.hold()).isEmpty();
        gate.forget("indoors");
        assertThat(gate.statisticsAllowed("indoors"))
                .as("what is left of a slot, where the others send images")
                .isFalse();
    }

    @Test
    void follow_quietHoursThatAreNone_holdsImagesBack() {
        UplinkGate gate = following(Upload.IMAGES, "2026-06-01T12:00:00Z", NO_WISH);

        assertThatThrownBy(() -> gate.follow(
                        "fog-east",
                        NO_WISH.toBuilder().addQuietHours("at night").build()))
                .hasMessageContaining("at night");
        assertThat(gate.imagesAllowed("fog-east")).isFalse();
    }

    @Test
    void hold_ownQuietHoursPastMidnight_areThoseOfThePlace() {
        // Summer time: two hours ahead of UTC.
        assertThat(following(Upload.IMAGES, "2026-06-01T19:59:59Z", NO_WISH).hold())
                .isEmpty();
        assertThat(following(Upload.IMAGES, "2026-06-01T20:00:00Z", NO_WISH).hold())
                .contains(Hold.QUIET_HOURS);
        assertThat(following(Upload.IMAGES, "2026-06-02T03:59:59Z", NO_WISH).hold())
                .contains(Hold.QUIET_HOURS);
        assertThat(following(Upload.IMAGES, "2026-06-02T04:00:00Z", NO_WISH).hold())
                .isEmpty();
    }

    @Test
    void hold_cloudsQuietHours_countBesideTheOwn() {
        SelectionPolicy noon = NO_WISH.toBuilder()
                .addQuietHours("12:00-13:00")
                .setTimeZone("UTC")
                .build();

        assertThat(following(Upload.IMAGES, "2026-06-01T12:30:00Z", noon).hold())
                .contains(Hold.QUIET_HOURS);
        assertThat(following(Upload.IMAGES, "2026-06-01T21:00:00Z", noon).hold())
                .contains(Hold.QUIET_HOURS);
        assertThat(following(Upload.IMAGES, "2026-06-01T13:00:00Z", noon).hold())
                .isEmpty();
    }

    @Test
    void hold_meteredFile_closesWhileItIsThere() throws IOException {
        UplinkGate gate = following(Upload.IMAGES, "2026-06-01T12:00:00Z", NO_WISH);

        Files.createFile(folder.resolve("metered"));
        assertThat(gate.hold()).contains(Hold.METERED);

        Files.delete(folder.resolve("metered"));
        assertThat(gate.hold()).isEmpty();
    }

    @Test
    void quietHours_sameEnds_areRefused() {
        assertThatThrownBy(() -> QuietHours.parse(List.of("10:00-10:00"), BERLIN))
                .hasMessageContaining("22:00-06:00");
    }

    private UplinkGate following(Upload own, String now, SelectionPolicy cloud) {
        UplinkGate gate = gate(own, now);
        gate.follow("fog-east", cloud);
        return gate;
    }

    private UplinkGate gate(Upload own, String now) {
        return new UplinkGate(
                own,
                true,
                QuietHours.parse(List.of("22:00-06:00"), BERLIN),
                Optional.of(folder.resolve("metered")),
                Clock.fixed(Instant.parse(now), ZoneOffset.UTC));
    }
}
