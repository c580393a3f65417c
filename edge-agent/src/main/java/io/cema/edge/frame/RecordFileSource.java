package io.cema.edge.frame;

import io.cema.protocol.image.Image;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Optional;

/**
 * Frames from a record file: the eight ASCII characters {@code CEMAREC1}, then width, height and count as big-endian
 * 32-bit integers, then per frame width * height * 3 bytes of interleaved RGB.
 */
public final class RecordFileSource implements FrameSource {
    private static final int HEADER = 8 + 3 * 4;
    private static final String MAGIC = "CEMAREC1";

    private final Path path;
    private final Clock clock;
    private final FileChannel channel;
    private final int width;
    private final int height;
    private final int count;
    private long position;

    private RecordFileSource(Path path, Clock clock, FileChannel channel, int width, int height, int count) {
        this.path = path;
        this.clock = clock;
        this.channel = channel;
        this.width = width;
        this.height = height;
        this.count = count;
    }

    /** @throws IOException if the file is no record file, or shorter than its header says */
    public static RecordFileSource open(Path path, Clock clock) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            ByteBuffer header = ByteBuffer.allocate(HEADER);
            readFully(channel, header, 0, path);
            byte[] magic = new byte[8];
            header.flip().get(magic);
            if (!MAGIC.equals(new String(magic, StandardCharsets.US_ASCII))) {
                throw new IOException("frame record " + path + " does not begin with " + MAGIC);
            }
            int width = header.getInt();
            int height = header.getInt();
            int count = header.getInt();
            if (width < 1 || height < 1 || count < 0 || (long) width * height * 3 > Integer.MAX_VALUE - 8) {
                throw new IOException("frame record " + path + " says " + count + " frames of " + width + "x" + height);
            }
            long wanted = HEADER + (long) count * width * height * 3;
            if (channel.size() < wanted) {
                throw new IOException("frame record " + path + " has " + channel.size() + " bytes, its header promises "
                        + wanted + "; it is incomplete");
            }
            return new RecordFileSource(path, clock, channel, width, height, count);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public String description() {
        return "record " + path.toAbsolutePath() + " (" + count + " frames of " + width + "x" + height + ")";
    }

    @Override
    public void seek(long number) {
        position = Math.max(0, number);
    }

    @Override
    public Optional<Frame> next() throws IOException {
        if (position >= count) {
            return Optional.empty();
        }
        int size = width * height * 3;
        byte[] rgb = new byte[size];
        readFully(channel, ByteBuffer.wrap(rgb), HEADER + position * size, path);
        Frame frame = new Frame(position, new Image(width, height, rgb), Optional.empty(), clock.millis());
        position++;
        return Optional.of(frame);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static void readFully(FileChannel channel, ByteBuffer buffer, long from, Path path) throws IOException {
        long at = from;
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, at);
            if (read < 0) {
                throw new EOFException("frame record " + path + " ends at byte " + at);
            }
            at += read;
        }
    }
}
