package io.cema.edge.frame;

import java.io.IOException;
import java.nio.ByteBuffer;
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
 * once and no image is uploaded twice under two ids. A damaged one begins at 0. One thread.
 */
public final class FramePosition {
    private static final int IDENTITY = 0;
    private static final int NEXT = 8;
    /** The bits of the number turned round, so that damage shows. */
    private static final int CHECK = 16;

    private static final int OLD_SIZE = 16;
    private static final int SIZE = 24;

    private final MappedByteBuffer page;

    private FramePosition(MappedByteBuffer page) {
        this.page = page;
    }

    /** Opens the position of a stream; another stream than last time begins at 0. */
    public static FramePosition open(Path file, String description) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            boolean unchecked = channel.size() == OLD_SIZE;
            fill(channel);
            MappedByteBuffer page = channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE);
            CRC32 crc = new CRC32();
            crc.update(description.getBytes(StandardCharsets.UTF_8));
            // Never 0, which is what a new file holds.
            long identity = crc.getValue() + 1;
            FramePosition position = new FramePosition(page);
            if (page.getLong(IDENTITY) != identity || !unchecked && !position.sound()) {
                position.moveTo(0);
                page.putLong(IDENTITY, identity);
            } else if (unchecked) {
                position.moveTo(position.next());
            }
            return position;
        }
    }

    /** A page of a file that the disk has no room for would end the process when it is first written to. */
    private static void fill(FileChannel channel) throws IOException {
        for (long size = channel.size(); size < SIZE; size = channel.size()) {
            channel.write(ByteBuffer.allocate((int) (SIZE - size)), size);
        }
    }

    /** The check is stored last, so a kill leaves that of the number before, and of any number where it begins anew. */
    private boolean sound() {
        long checked = ~page.getLong(CHECK);
        return next() == checked || next() == checked + 1 || next() == 0;
    }

    /** Number of the next frame to process. */
    public long next() {
        return page.getLong(NEXT);
    }

    /** Says which frame is next. */
    public void moveTo(long number) {
        page.putLong(NEXT, number);
        page.putLong(CHECK, ~number);
    }
}
