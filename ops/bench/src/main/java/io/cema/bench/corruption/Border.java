package io.cema.bench.corruption;

/** What stands beyond the border of an image. */
final class Border {
    private Border() {}

    /** The border's own value goes on. */
    static int clamp(int i, int size) {
        return Math.min(size - 1, Math.max(0, i));
    }

    /** The image is mirrored at the centre of its outermost pixel: 2 1 | 0 1 2 ... */
    static int mirror(int i, int size) {
        if (size == 1) {
            return 0;
        }
        int period = 2 * (size - 1);
        int m = Math.floorMod(i, period);
        return m < size ? m : period - m;
    }
}
