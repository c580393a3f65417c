package io.cema.edge.uplink;

import com.google.protobuf.InvalidProtocolBufferException;
import io.cema.edge.storage.DurableFile;
import io.cema.protocol.message.SampleInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * One sample as a file: magic, length and bytes of the SampleInfo, length and bytes of the image, CRC-32 of all that.
 * Written beside its place, forced to disk, then moved there: a file with the right name is complete.
 */
final class SpoolFile {
    static final String SUFFIX = ".sample";
    static final String UNFINISHED = SUFFIX + DurableFile.UNFINISHED;
    private static final byte[] MAGIC = "CEMASPL1".getBytes(StandardCharsets.US_ASCII);
    private static final int OVERHEAD = MAGIC.length + 4 + 4 + 4;

    private SpoolFile() {}

    /** A spool file that is not what it should be. */
    static final class CorruptException extends Exception {
        CorruptException(String message) {
            super(message);
        }
    }

    static long sizeOf(SpooledSample sample) {
        return (long) OVERHEAD + sample.info().getSerializedSize() + sample.image().length;
    }

    /** Writes the file and forces it and its folder to disk. */
    static void write(Path folder, SpooledSample sample) throws IOException {
        byte[] info = sample.info().toByteArray();
        ByteBuffer buffer = ByteBuffer.allocate(OVERHEAD + info.length + sample.image().length);
        buffer.put(MAGIC).putInt(info.length).put(info);
        buffer.putInt(sample.image().length).put(sample.image());
        buffer.putInt(crc(buffer.array(), buffer.position()));
        buffer.flip();
        DurableFile.write(path(folder, sample.id()), buffer);
    }

    static Path path(Path folder, String id) {
        return folder.resolve(id + SUFFIX);
    }

    static String idOf(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - SUFFIX.length());
    }

    static SpooledSample read(Path file) throws IOException, CorruptException {
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length < OVERHEAD) {
            throw new CorruptException(bytes.length + " bytes are too few");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        byte[] magic = new byte[MAGIC.length];
        buffer.get(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new CorruptException("does not begin with CEMASPL1");
        }
        if (crc(bytes, bytes.length - 4) != buffer.getInt(bytes.length - 4)) {
            throw new CorruptException("checksum does not match");
        }
        byte[] info = section(buffer);
        byte[] image = section(buffer);
        try {
            return new SpooledSample(idOf(file), SampleInfo.parseFrom(info), image);
        } catch (InvalidProtocolBufferException e) {
            throw new CorruptException("sample info: " + e.getMessage());
        }
    }

    private static byte[] section(ByteBuffer buffer) throws CorruptException {
        int length = buffer.getInt();
        if (length < 0 || length > buffer.remaining() - 4) {
            throw new CorruptException("section of " + length + " bytes, " + buffer.remaining() + " left");
        }
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return bytes;
    }

    private static int crc(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
