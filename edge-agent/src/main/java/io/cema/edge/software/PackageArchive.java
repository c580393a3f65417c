package io.cema.edge.software;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Unpacks a package, a tar archive under gzip or zstd, as strictly as if its signature had not been checked: every name stays
 * below the folder, links point there too and are made last, and the disk is never filled up. Blocks.
 */
final class PackageArchive {
    /** Left free for the spool and the models. */
    static final long RESERVE = 64L << 20;

    private static final int MOST_ENTRIES = 20_000;
    private static final int BUFFER = 64 * 1024;

    private final Path folder;
    private final LongSupplier freeBytes;
    private final List<TarEntry> links = new ArrayList<>();

    /**
     * @param folder deleted first, whatever is in it
     * @param freeBytes of the disk it is on
     */
    PackageArchive(Path folder, LongSupplier freeBytes) {
        this.folder = folder.toAbsolutePath().normalize();
        this.freeBytes = freeBytes;
    }

    /**
     * Unpacks what lies below the archive's one top folder, and forces it to disk.
     *
     * @throws IOException saying what is wrong with the archive or the disk; nothing is left in the folder then
     */
    void unpack(Path archive) throws IOException {
        delete(folder);
        Files.createDirectories(folder);
        try (InputStream tar = decompressed(archive)) {
            extract(tar);
            for (TarEntry link : links) {
                link(link);
            }
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        } catch (IOException | RuntimeException e) {
            delete(folder);
            throw e;
        }
    }

    /** A folder with all that is in it, if it is there. */
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static InputStream decompressed(Path archive) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(archive), BUFFER);
        in.mark(4);
        byte[] magic = in.readNBytes(4);
        in.reset();
        if (magic.length == 4 && ByteBuffer.wrap(magic).getInt() == 0x28b52ffd) {
            return new ZstdInputStream(in);
        }
        if (magic.length == 4 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b) {
            return new GZIPInputStream(in, BUFFER);
        }
        in.close();
        throw new IOException("the package is neither under gzip nor under zstd");
    }

    private void extract(InputStream tar) throws IOException {
        byte[] block = tar.readNBytes(TarEntry.BLOCK);
        for (int entries = 0; !isEnd(block); entries++) {
            if (entries == MOST_ENTRIES) {
                throw new IOException("the package holds more than " + MOST_ENTRIES + " files");
            }
            extract(TarEntry.parse(block), tar);
            block = tar.readNBytes(TarEntry.BLOCK);
        }
    }

    private static boolean isEnd(byte[] block) throws IOException {
        if (block.length != TarEntry.BLOCK) {
            throw new EOFException("the package ends too early");
        }
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private void extract(TarEntry entry, InputStream tar) throws IOException {
        Path target = target(entry.name());
        switch (entry.type()) {
            case TarEntry.FOLDER -> Files.createDirectories(target);
            case TarEntry.FILE -> write(entry, target, tar);
            case TarEntry.LINK -> links.add(entry);
            default ->
                throw new IOException(
                        "the package holds " + entry.name() + ", which is neither file, folder nor symbolic link");
        }
    }

    /** Where a name belongs, without the archive's top folder. */
    private Path target(String name) throws IOException {
        int top = name.indexOf('/');
        if (name.startsWith("/") || top < 0) {
            throw outside(name);
        }
        Path target = folder.resolve(name.substring(top + 1)).normalize();
        if (!target.startsWith(folder) || name.startsWith("../")) {
            throw outside(name);
        }
        return target;
    }

    private static IOException outside(String name) {
        return new IOException("the package holds " + name + ", which is not below its own folder");
    }

    private void write(TarEntry entry, Path target, InputStream tar) throws IOException {
        long free = freeBytes.getAsLong();
        if (free - entry.size() < RESERVE) {
            throw new IOException("the disk has " + free + " bytes left, too few for " + entry.name() + " of "
                    + entry.size() + " bytes beside a reserve of " + RESERVE + "; free space there");
        }
        Files.createDirectories(target.getParent());
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            byte[] buffer = new byte[BUFFER];
            for (long left = entry.size(); left > 0; ) {
                int read = tar.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (read < 0) {
                    throw new EOFException("the package ends within " + entry.name());
                }
                for (ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read); bytes.hasRemaining(); ) {
                    channel.write(bytes);
                }
                left -= read;
            }
            channel.force(true);
        }
        tar.skipNBytes(entry.padding());
        boolean executable = (entry.mode() & 0100) != 0;
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
        Files.setLastModifiedTime(target, FileTime.fromMillis(entry.mtime() * 1000));
    }

    private void link(TarEntry entry) throws IOException {
        Path link = target(entry.name());
        Path points = link.resolveSibling(entry.link()).normalize();
        if (entry.link().startsWith("/") || !points.startsWith(folder)) {
            throw new IOException("the package holds a link " + entry.name() + " to " + entry.link()
                    + ", which is not below its own folder");
        }
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, link.getFileSystem().getPath(entry.link()));
    }
}
