package io.cema.ops.backup;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes an archive beside its place, readable by its owner alone; {@link #finish} puts it there whole. One thread. */
final class ArchiveWriter implements AutoCloseable {
    private final Path file;
    private final Path part;
    private final ZipOutputStream zip;
    private final List<Manifest.Entry> entries = new ArrayList<>();

    /** What puts an entry's bytes out. */
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    private ArchiveWriter(Path file, Path part, ZipOutputStream zip) {
        this.file = file;
        this.part = part;
        this.zip = zip;
    }

    static ArchiveWriter open(Path wanted) throws IOException {
        Path file = wanted.toAbsolutePath();
        if (Files.exists(file)) {
            throw new BackupException(file + " exists already and is not overwritten; name another file");
        }
        Path part = Files.createTempFile(
                file.getParent(),
                file.getFileName() + ".",
                ".part",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        ZipOutputStream zip = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(part), 1 << 16));
        zip.setLevel(Deflater.BEST_SPEED); // images and models hardly shrink
        return new ArchiveWriter(file, part, zip);
    }

    void add(String name, Content content) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        Measured measured = new Measured(zip);
        content.writeTo(measured);
        zip.closeEntry();
        entries.add(measured.entry(name));
    }

    List<Manifest.Entry> entries() {
        return List.copyOf(entries);
    }

    /** Writes the manifest, forces everything to disk, and gives the archive its name. */
    void finish(byte[] manifest) throws IOException {
        zip.putNextEntry(new ZipEntry(Manifest.NAME));
        zip.write(manifest);
        zip.closeEntry();
        zip.close();
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Nothing is left of an archive that was not finished. */
    @Override
    public void close() throws IOException {
        zip.close();
        Files.deleteIfExists(part);
    }

    /** Counts and digests what passes; does not close what it writes to. */
    private static final class Measured extends FilterOutputStream {
        private final MessageDigest digest = Digests.sha256();
        private long bytes;

        Measured(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            out.write(from, offset, length);
            digest.update(from, offset, length);
            bytes += length;
        }

        @Override
        public void close() {
            // the archive goes on
        }

        Manifest.Entry entry(String name) {
            return new Manifest.Entry(name, bytes, HexFormat.of().formatHex(digest.digest()));
        }
    }
}
