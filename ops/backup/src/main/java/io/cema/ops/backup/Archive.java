package io.cema.ops.backup;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** An archive that was looked through from end to end: each byte is what the manifest says. One thread. */
final class Archive implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper()
            .registerModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final ZipFile zip;
    private final Manifest manifest;

    private Archive(ZipFile zip, Manifest manifest) {
        this.zip = zip;
        this.manifest = manifest;
    }

    /** @throws BackupException if it is no archive, or not of this format, or not whole */
    static Archive open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new BackupException("there is no archive " + file);
        }
        ZipFile zip = null;
        try {
            zip = new ZipFile(file.toFile());
            Manifest manifest = manifest(zip, file);
            requireWhole(zip, manifest, file);
            return new Archive(zip, manifest);
        } catch (IOException e) {
            close(zip);
            throw damaged(file, e.getMessage());
        } catch (RuntimeException e) {
            close(zip);
            throw e;
        }
    }

    Manifest manifest() {
        return manifest;
    }

    InputStream read(String name) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new BackupException("the archive has no entry " + name + "; take another archive");
        }
        return zip.getInputStream(entry);
    }

    private static Manifest manifest(ZipFile zip, Path file) throws IOException {
        ZipEntry entry = zip.getEntry(Manifest.NAME);
        if (entry == null) {
            throw new BackupException(file + " is no backup of the cloud service: it has no " + Manifest.NAME);
        }
        try (InputStream in = zip.getInputStream(entry)) {
            Manifest manifest = JSON.readValue(in, Manifest.class);
            if (manifest.format() != Manifest.FORMAT) {
                throw new BackupException(file + " is of format " + manifest.format() + ", this program reads format "
                        + Manifest.FORMAT + "; restore it with the version of CEMA that made it, or a newer one");
            }
            return manifest;
        }
    }

    private static void requireWhole(ZipFile zip, Manifest manifest, Path file) throws IOException {
        Set<String> listed = new HashSet<>();
        for (Manifest.Entry entry : manifest.entries()) {
            listed.add(entry.name());
            ZipEntry stored = zip.getEntry(entry.name());
            if (stored == null) {
                throw damaged(file, "entry " + entry.name() + " is missing");
            }
            MessageDigest digest = Digests.sha256();
            long bytes = 0;
            try (InputStream in = zip.getInputStream(stored)) {
                byte[] buffer = new byte[1 << 16];
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    digest.update(buffer, 0, read);
                    bytes += read;
                }
            }
            if (bytes != entry.bytes()
                    || !HexFormat.of().formatHex(digest.digest()).equals(entry.sha256())) {
                throw damaged(file, "entry " + entry.name() + " is not what the manifest says");
            }
        }
        listed.add(Manifest.NAME);
        zip.stream()
                .map(ZipEntry::getName)
                .filter(name -> !listed.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw damaged(file, "entry " + name + " does not stand in the manifest");
                });
    }

    private static BackupException damaged(Path file, String how) {
        return new BackupException(file + " is damaged: " + how + "; nothing was changed, take another archive");
    }

    private static void close(ZipFile zip) {
        if (zip != null) {
            try {
                zip.close();
            } catch (IOException e) {
                throw new BackupException("the archive cannot be closed: " + e.getMessage(), e);
            }
        }
    }

    @Override
    public void close() {
        close(zip);
    }
}
