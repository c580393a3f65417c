package io.cema.edge.frame;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * Finds JPEG files in a stream of anything by their own structure (ITU-T T.81, annex B): a file says where it ends, so
 * that boundaries and lengths around it need not be right, nor there. A file cut short by the beginning of another is
 * left out and counted. One thread.
 */
final class JpegCutter {
    private static final int SOI = 0xD8;
    private static final int EOI = 0xD9;
    private static final int SOS = 0xDA;
    private static final int TEM = 0x01;
    private static final int RST0 = 0xD0;
    private static final int RST7 = 0xD7;

    private final InputStream in;
    private final int maxBytes;
    private final ByteArrayOutputStream file = new ByteArrayOutputStream(1 << 16);
    private long broken;

    /**
     * @param in buffered
     * @param maxBytes a longer file is left out
     */
    JpegCutter(InputStream in, int maxBytes) {
        this.in = in;
        this.maxBytes = maxBytes;
    }

    /** The next whole file; empty at the end of the stream. */
    Optional<byte[]> next() throws IOException {
        boolean begun = seekStart();
        while (begun) {
            file.reset();
            file.write(0xFF);
            file.write(SOI);
            int end = body();
            if (end == EOI) {
                return Optional.of(file.toByteArray());
            }
            broken++;
            // Cut short by the next file, of which the beginning is read already; or not to be understood.
            begun = end == SOI || end >= 0 && seekStart();
        }
        return Optional.empty();
    }

    /** Files left out so far. */
    long broken() {
        return broken;
    }

    /** Up to and including the two bytes of a beginning. */
    private boolean seekStart() throws IOException {
        int last = 0;
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (last == 0xFF && next == SOI) {
                return true;
            }
            last = next;
        }
        return false;
    }

    /** @return the marker that ended it: EOI, SOI of another file, 0 if it is no JPEG file, -1 at the end of the stream */
    private int body() throws IOException {
        int marker = marker();
        while (marker > 0 && marker != EOI && marker != SOI) {
            if (file.size() > maxBytes) {
                return 0;
            }
            if (marker != TEM && (marker < RST0 || marker > RST7)) {
                int skipped = segment();
                if (skipped <= 0) {
                    return skipped;
                }
            }
            marker = marker == SOS ? scan() : marker();
        }
        return marker;
    }

    /** @return the marker that stands here, 0 if none does, -1 at the end of the stream */
    private int marker() throws IOException {
        int next = read();
        if (next != 0xFF) {
            return next < 0 ? -1 : 0;
        }
        while (next == 0xFF) {
            next = read();
        }
        return next;
    }

    /** @return 1 if a segment was read, 0 if its length is wrong, -1 at the end of the stream */
    private int segment() throws IOException {
        int high = read();
        int low = read();
        if (high < 0 || low < 0) {
            return -1;
        }
        int length = (high << 8 | low) - 2;
        if (length < 0) {
            return 0;
        }
        byte[] content = in.readNBytes(length);
        file.write(content);
        return content.length < length ? -1 : 1;
    }

    /** Through entropy-coded data, in which FF is followed by 00 or a restart, to the next marker. */
    private int scan() throws IOException {
        while (file.size() <= maxBytes) {
            int next = read();
            if (next < 0) {
                return -1;
            }
            if (next != 0xFF) {
                continue;
            }
            while (next == 0xFF) {
                next = read();
            }
            if (next != 0 && (next < RST0 || next > RST7)) {
                return next;
            }
        }
        return 0;
    }

    private int read() throws IOException {
        int next = in.read();
        if (next >= 0) {
            file.write(next);
        }
        return next;
    }
}
