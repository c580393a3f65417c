package io.cema.cloud.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ByteRangeTest {
    @Test
    void noHeader_isTheWhole() {
        assertThat(ByteRange.of(null, 100)).isEqualTo(new ByteRange(0, 99));
    }

    @Test
    void openEnd_goesToTheEnd() {
        assertThat(ByteRange.of("bytes=40-", 100)).isEqualTo(new ByteRange(40, 99));
    }

    @Test
    void suffix_countsFromTheEnd() {
        assertThat(ByteRange.of("bytes=-30", 100)).isEqualTo(new ByteRange(70, 99));
    }

    @Test
    void endBeyondTheContent_isCut() {
        assertThat(ByteRange.of("bytes=90-500", 100)).isEqualTo(new ByteRange(90, 99));
    }

    @Test
    void beginBeyondTheContent_isUnsatisfiable() {
        assertThat(ByteRange.of("bytes=100-", 100).unsatisfiable()).isTrue();
    }

    @Test
    void severalRanges_areIgnored() {
        assertThat(ByteRange.of("bytes=0-1,5-6", 100)).isEqualTo(new ByteRange(0, 99));
    }
}
