package io.cema.edge.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Writes small files so that they survive {@code kill -9} and power loss. Blocks; keep it off event loops. */
public final class DurableFile {
    /** What an unfinished file is called while it is written: its name and this. */
    public static final String UNFINISHED = ".tmp";

    private DurableFile() {}

    /**
     * Writes beside the target, forces the bytes to disk, moves them into place and forces the folder. Two writers of one
     * target must not run at once. What was written of a file that does not fit on the disk is deleted again.
     */
    public static void write(Path target, byte[] bytes) throws IOException {
        write(target, ByteBuffer.wrap(bytes));
    }

    /** The same for a buffer, from its position to its limit. */
    public static void write(Path target, ByteBuffer bytes) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        Path unfinished = folder.resolve(target.getFileName() + UNFINISHED);
        try {
            try (FileChannel channel = FileChannel.open(
                    unfinished,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            moveIntoPlace(unfinished, target);
        } catch (IOException e) {
            discard(unfinished, e);
            throw e;
        }
    }

    /** Moves a finished, forced file to its name in the same file system and forces the folder. */
    public static void moveIntoPlace(Path finished, Path target) throws IOException {
        Files.move(finished, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(target.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private static void discard(Path unfinished, IOException cause) {
        try {
            Files.deleteIfExists(unfinished);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
