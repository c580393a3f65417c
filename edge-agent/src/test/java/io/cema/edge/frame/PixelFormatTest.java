package io.cema.edge.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PixelFormatTest {
    @Test
    void bgr24_isTurnedRound() {
        assertThat(PixelFormat.BGR24.toImage(1, 1, new byte[] {1, 2, 3}).rgb()).containsExactly(3, 2, 1);
    }

    @Test
    void gray_isThreefold() {
        assertThat(PixelFormat.GRAY.toImage(1, 2, new byte[] {7, 9}).rgb()).containsExactly(7, 7, 7, 9, 9, 9);
    }

    /** Bars of BT.601 at 75 %: their codes stand in ITU-R BT.801, table 1; a rounded code is within two levels of 191. */
    @Test
    void yuv420p_colourBars_haveTheStandardsColours() {
        assertColour(new int[] {180, 128, 128}, 191, 191, 191);
        assertColour(new int[] {162, 44, 142}, 191, 191, 0);
        assertColour(new int[] {131, 156, 44}, 0, 191, 191);
        assertColour(new int[] {65, 100, 212}, 191, 0, 0);
        assertColour(new int[] {35, 212, 114}, 0, 0, 191);
    }

    @Test
    void yuv420p_oddSize_hasChromaRoundedUp() {
        assertThat(PixelFormat.YUV420P.size(3, 5)).isEqualTo(15 + 2 * 2 * 3);
        byte[] black = new byte[27];
        Arrays.fill(black, 0, 15, (byte) 16);
        Arrays.fill(black, 15, 27, (byte) 128);

        assertThat(PixelFormat.YUV420P.toImage(3, 5, black).rgb()).containsOnly(0);
    }

    private static void assertColour(int[] code, int... rgb) {
        byte[] raw = {(byte) code[0], (byte) code[1], (byte) code[2]};

        byte[] got = PixelFormat.YUV420P.toImage(1, 1, raw).rgb();

        for (int c = 0; c < 3; c++) {
            assertThat(Byte.toUnsignedInt(got[c])).isBetween(rgb[c] - 2, rgb[c] + 2);
        }
    }
}
