package io.cema.ops.backup;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The service's folder: {@code artefacts/ab/abcd...}, named by SHA-256, and everything else but uploads on their way,
 * which is keys: the signing key, the certificate authority, the tokens' issuer.
 */
final class DataFolder {
    static final String SIGNING_KEY = "signing-key.pub.pem";

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Set<String> NO_KEYS = Set.of("artefacts", "uploads");
    private static final long LARGEST_KEYS = 16 << 20;

    private final Path root;
    private final Path artefacts;

    DataFolder(Path root) {
        this.root = root;
        this.artefacts = root.resolve("artefacts");
    }

    /** @param path below the folder, with slashes */
    record KeyFile(String path, String permissions, byte[] content) {}

    List<Path> artefacts() throws IOException {
        if (Files.notExists(artefacts)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(artefacts)) {
            return files.filter(file ->
                            DIGEST.matcher(file.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        }
    }

    /** Writes an artefact unless it is there; half of one is never seen. */
    void putArtefact(String digest, InputStream in) throws IOException {
        Path file = artefacts.resolve(digest.substring(0, 2)).resolve(digest);
        if (Files.exists(file)) {
            return;
        }
        Files.createDirectories(file.getParent());
        Path part = Files.createTempFile(file.getParent(), ".incoming-", ".tmp");
        try {
            Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Removes what the archive does not have. */
    void keepArtefacts(Set<String> digests) throws IOException {
        for (Path file : artefacts()) {
            if (!digests.contains(file.getFileName().toString())) {
                Files.delete(file);
            }
        }
    }

    byte[] keys() throws IOException {
        List<KeyFile> keys = new ArrayList<>();
        long bytes = 0;
        for (Path file : keyFiles()) {
            bytes += Files.size(file);
            if (bytes > LARGEST_KEYS) {
                throw new BackupException(root + " holds more than keys: with " + root.relativize(file) + " it is over "
                        + LARGEST_KEYS + " bytes; move out what the service did not put there");
            }
            keys.add(new KeyFile(
                    root.relativize(file).toString().replace('\\', '/'),
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
                    Files.readAllBytes(file)));
        }
        return Archive.JSON.writeValueAsBytes(keys);
    }

    boolean hasKeys() throws IOException {
        return !keyFiles().isEmpty();
    }

    /** The keys of the archive instead of those that are there. */
    void replaceKeys(byte[] archived) throws IOException {
        List<KeyFile> keys = Archive.JSON.readValue(archived, new TypeReference<>() {});
        for (Path former : keyFiles()) {
            Files.delete(former);
        }
        for (KeyFile key : keys) {
            Path file = root.resolve(key.path()).normalize();
            if (!file.startsWith(root)) {
                throw new BackupException("the archive's key " + key.path() + " would lie outside of " + root);
            }
            Files.createDirectories(file.getParent());
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(file, key.content());
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(key.permissions()));
        }
    }

    /** SHA-256 of the public signing key's file; what the fleet trusts. */
    String signingKey() throws IOException {
        Path file = root.resolve(SIGNING_KEY);
        if (Files.notExists(file)) {
            throw new BackupException("there is no " + file + ", without which no device trusts the service; name the"
                    + " service's folder by cema.data-dir");
        }
        return Digests.hex(Files.readAllBytes(file));
    }

    private List<Path> keyFiles() throws IOException {
        if (Files.notExists(root)) {
            return List.of();
        }
        List<Path> found = new ArrayList<>();
        try (Stream<Path> top = Files.list(root)) {
            for (Path path : top.sorted().toList()) {
                if (!NO_KEYS.contains(path.getFileName().toString())) {
                    try (Stream<Path> files = Files.walk(path)) {
                        files.filter(Files::isRegularFile)
                                .filter(file -> !file.getFileName().toString().endsWith("lock"))
                                .sorted()
                                .forEach(found::add);
                    }
                }
            }
        }
        return found;
    }
}
