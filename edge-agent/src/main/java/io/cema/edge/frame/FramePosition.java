package io.cema.edge.frame;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;

/**
 * Where a stream goes on after a restart, {@code kill -9} included. Kept in a memory-mapped file: the page outlives the
 * process, at the price of a store per frame. It is moved on before a frame is processed, so a frame is processed at most
 * once and no image is uploaded twice under two ids. One thread.
 */
public final class FramePosition {
    private static final int IDENTITY = 0;
    private static final int NEXT = 8;
    private static final int SIZE = 16;

    private final MappedByteBuffer page;

    private FramePosition(MappedByteBuffer page) {
        this.page = page;
    }

    /** Opens the position of a stream; another stream than last time begins at 0. */
    public static FramePosition open(Path file, String description) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer page = channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE);
            CRC32 crc = new CRC32();
            crc.update(description.getBytes(StandardCharsets.UTF_8));
            // Never 0, which is what a new file holds.
            long identity = crc.getValue() + 1;
            if (page.getLong(IDENTITY) != identity) {
                page.putLong(NEXT, 0);
                page.putLong(IDENTITY, identity);
            }
            return new FramePosition(page);
        }
    }

    /** Number of the next frame to process. */
    public long next() {
        return page.getLong(NEXT);
    }

    /** Says which frame is next. */
    public void moveTo(long number) {
        page.putLong(NEXT, number);
    }
}
