package io.cema.protocol.image;

/** The five row filters of PNG (ISO/IEC 15948, 9.2): none, left, up, average, Paeth. */
final class RowFilters {
    private static final int NONE = 0;
    private static final int PAETH = 4;

    private RowFilters() {}

    /**
     * @param step distance to the left neighbour of the same colour, in bytes
     * @return per row: the filter, then the row's residuals
     */
    static byte[] apply(byte[] pixels, int rows, int length, int step) {
        byte[] out = new byte[rows * (length + 1)];
        for (int row = 0; row < rows; row++) {
            int filter = cheapest(pixels, row, length, step);
            int target = row * (length + 1);
            out[target] = (byte) filter;
            for (int i = 0; i < length; i++) {
                out[target + 1 + i] = (byte) (pixels[row * length + i] - predict(filter, pixels, row, length, i, step));
            }
        }
        return out;
    }

    static byte[] revert(byte[] filtered, int rows, int length, int step) {
        byte[] pixels = new byte[rows * length];
        for (int row = 0; row < rows; row++) {
            int source = row * (length + 1);
            int filter = filtered[source];
            if (filter < NONE || filter > PAETH) {
                throw new IllegalArgumentException("row " + row + " has unknown filter " + filter);
            }
            for (int i = 0; i < length; i++) {
                pixels[row * length + i] =
                        (byte) (filtered[source + 1 + i] + predict(filter, pixels, row, length, i, step));
            }
        }
        return pixels;
    }

    /** PNG's own heuristic: the least sum of magnitudes. */
    private static int cheapest(byte[] pixels, int row, int length, int step) {
        int best = NONE;
        long least = Long.MAX_VALUE;
        for (int filter = NONE; filter <= PAETH; filter++) {
            long sum = 0;
            for (int i = 0; i < length; i++) {
                sum += Math.abs((byte) (pixels[row * length + i] - predict(filter, pixels, row, length, i, step)));
            }
            if (sum < least) {
                least = sum;
                best = filter;
            }
        }
        return best;
    }

    private static int predict(int filter, byte[] pixels, int row, int length, int i, int step) {
        int at = row * length + i;
        int left = i >= step ? Byte.toUnsignedInt(pixels[at - step]) : 0;
        int up = row > 0 ? Byte.toUnsignedInt(pixels[at - length]) : 0;
        return switch (filter) {
            case NONE -> 0;
            case 1 -> left;
            case 2 -> up;
            case 3 -> (left + up) / 2;
            default -> paeth(left, up, i >= step && row > 0 ? Byte.toUnsignedInt(pixels[at - length - step]) : 0);
        };
    }

    private static int paeth(int left, int up, int corner) {
        int estimate = left + up - corner;
        int toLeft = Math.abs(estimate - left);
        int toUp = Math.abs(estimate - up);
        int toCorner = Math.abs(estimate - corner);
        if (toLeft <= toUp && toLeft <= toCorner) {
            return left;
        }
        return toUp <= toCorner ? up : corner;
    }
}
