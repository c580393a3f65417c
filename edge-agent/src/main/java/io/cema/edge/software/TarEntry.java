package io.cema.edge.software;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A header of a tar archive in the format ustar (POSIX.1-1988), which is all that our packages need: what is not ustar is
 * refused, not guessed.
 *
 * @param mtime seconds since 1970; the runtime's class archive counts only for jars of their own time
 */
record TarEntry(String name, char type, long size, int mode, long mtime, String link) {
    static final int BLOCK = 512;
    static final char FILE = '0';
    static final char LINK = '2';
    static final char FOLDER = '5';

    /** @throws IOException if the block is no such header */
    static TarEntry parse(byte[] block) throws IOException {
        if (!text(block, 257, 5).equals("ustar")) {
            throw new IOException("the archive holds something that is not in the tar format ustar");
        }
        if (octal(block, 148, 8) != checksum(block)) {
            throw new IOException("a header of the archive does not match its checksum");
        }
        String prefix = text(block, 345, 155);
        String name = text(block, 0, 100);
        char type = block[156] == 0 ? FILE : (char) block[156];
        return new TarEntry(
                prefix.isEmpty() ? name : prefix + "/" + name,
                type,
                octal(block, 124, 12),
                (int) octal(block, 100, 8),
                octal(block, 136, 12),
                text(block, 157, 100));
    }

    /** Bytes after the content up to the next block. */
    int padding() {
        return (int) ((BLOCK - size % BLOCK) % BLOCK);
    }

    private static long checksum(byte[] block) {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : block[i] & 0xff;
        }
        return sum;
    }

    private static long octal(byte[] block, int from, int length) throws IOException {
        String digits = text(block, from, length).strip();
        try {
            return digits.isEmpty() ? 0 : Long.parseUnsignedLong(digits, 8);
        } catch (NumberFormatException e) {
            throw new IOException("a header of the archive has \"" + digits + "\" where a number must be", e);
        }
    }

    private static String text(byte[] block, int from, int length) {
        int end = from;
        while (end < from + length && block[end] != 0) {
            end++;
        }
        return StandardCharsets.UTF_8
                .decode(ByteBuffer.wrap(block, from, end - from))
                .toString();
    }
}
