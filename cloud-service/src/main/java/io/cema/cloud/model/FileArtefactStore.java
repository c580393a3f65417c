package io.cema.cloud.model;

import io.cema.protocol.model.Digests;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Artefacts as files {@code data-dir/artefacts/ab/abcdef...}. Written to a temporary file, forced to disk, then renamed
 * and the folder forced: a file under its digest is complete or not there. All file I/O runs on worker threads.
 */
final class FileArtefactStore implements ArtefactStore {
    private final Path root;

    FileArtefactStore(Path dataFolder) {
        this.root = dataFolder.resolve("artefacts").toAbsolutePath();
    }

    @Override
    public Uni<Artefact> put(byte[] content) {
        return BlockingWork.run(() -> {
            String digest = Digests.hex(content);
            Path file = fileOf(digest);
            if (!Files.exists(file)) {
                write(file, content);
            }
            return new Artefact(digest, content.length);
        });
    }

    @Override
    public Uni<byte[]> get(String digest) {
        return BlockingWork.run(() -> {
            try {
                return Files.readAllBytes(fileOf(digest));
            } catch (NoSuchFileException e) {
                throw new ArtefactNotFoundException(digest);
            }
        });
    }

    @Override
    public Uni<Optional<Artefact>> find(String digest) {
        return BlockingWork.run(() -> {
            try {
                return Optional.of(new Artefact(digest, Files.size(fileOf(digest))));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        });
    }

    @Override
    public Uni<byte[]> read(String digest, long offset, int length) {
        return BlockingWork.run(() -> {
            try (FileChannel channel = FileChannel.open(fileOf(digest), StandardOpenOption.READ)) {
                long available = Math.max(0, channel.size() - offset);
                ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(length, available));
                while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {
                    // reads until the buffer is full; a short read is no end
                }
                return buffer.array();
            } catch (NoSuchFileException e) {
                throw new ArtefactNotFoundException(digest);
            }
        });
    }

    @Override
    public Uni<Void> delete(String digest) {
        return BlockingWork.run(() -> {
            Files.deleteIfExists(fileOf(digest));
            return null;
        });
    }

    private Path fileOf(String digest) {
        Sha256.requireDigest(digest);
        return root.resolve(digest.substring(0, 2)).resolve(digest);
    }

    private static void write(Path file, byte[] content) throws IOException {
        Path folder = file.getParent();
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
            force(folder.getParent());
        }
        Path temporary = Files.createTempFile(folder, ".incoming-", ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            try {
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                throw new IOException(
                        "folder " + folder + " cannot rename atomically; put cema.data-dir on a local" + " file system",
                        e);
            }
            force(folder);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
