package io.cema.edge.device;

import io.cema.edge.cloud.CloudConnection;
import io.cema.edge.cloud.CloudException;
import io.cema.edge.storage.Damages;
import io.cema.edge.storage.DurableFile;
import io.cema.protocol.model.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Artefacts by their SHA-256: from disk if they are there and whole, else from the cloud by {@code GET
 * /api/v1/artefacts/{sha256}}, going on where an earlier attempt broke off. What does not have the wished digest is
 * never handed out. What is there of an unfinished one is kept under its digest, over restarts of the agent too; if it turns out
 * to be damaged, it is thrown away once. What the device cannot do without is kept twice, see {@link #secure}. Blocks; one
 * thread at a time for each digest.
 */
public final class ArtefactCache {
    private static final Logger LOG = Logger.getLogger(ArtefactCache.class);
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final String UNFINISHED = ".part";
    private static final String COPY = ".copy";
    /** So many times an artefact's size must be free for a second copy. */
    private static final int ROOM = 4;

    private static final long MAX_SIZE = 4L << 30;

    private final Path folder;
    private final CloudConnection cloud;
    private final Duration stallTimeout;
    private final Damages damages;

    /** Those that came out wrong once and have not come out right since. */
    private final Set<String> suspected = ConcurrentHashMap.newKeySet();

    public ArtefactCache(Path folder, CloudConnection cloud) {
        this(folder, cloud, new Damages());
    }

    /** @param damages told of those that are damaged */
    public ArtefactCache(Path folder, CloudConnection cloud, Damages damages) {
        this(folder, cloud, Duration.ofSeconds(30), damages);
    }

    /** @param stallTimeout after which a download that makes no progress is given up */
    ArtefactCache(Path folder, CloudConnection cloud, Duration stallTimeout, Damages damages) {
        this.damages = damages;
        this.folder = folder;
        this.cloud = cloud;
        this.stallTimeout = stallTimeout;
    }

    /**
     * Reads an artefact from disk; empty if it is not there. A damaged one counts as absent, unless there is a sound
     * copy, which takes its place.
     */
    public Optional<byte[]> cached(String digest) throws IOException {
        Optional<Path> sound = sound(require(digest));
        return sound.isPresent() ? Optional.of(Files.readAllBytes(sound.get())) : Optional.empty();
    }

    /** Keeps a second copy of a cached artefact if the disk has room for it, so that one damaged file is no outage. */
    public void secure(String digest) {
        Path whole = folder.resolve(require(digest));
        Path copy = folder.resolve(digest + COPY);
        try {
            boolean room = Files.getFileStore(folder).getUsableSpace() >= ROOM * Files.size(whole);
            if (room && !(Files.exists(copy) && holds(copy, digest))) {
                duplicate(whole, copy);
            }
        } catch (IOException e) {
            LOG.warnf("there is no second copy of artefact %s: %s", digest, e.getMessage());
        }
    }

    /**
     * Gets an artefact, from disk or from the cloud.
     *
     * @param size its size in bytes, as the signed desired state says
     * @throws ArtefactException if trying again soon would not help
     * @throws IOException if the cloud cannot be reached, refuses, or sends something else; what has come so far is kept
     *     for the next attempt where it may be of use
     */
    public byte[] fetch(String digest, long size) throws IOException, InterruptedException {
        return Files.readAllBytes(fetchFile(digest, size));
    }

    /** The same for what is too large for memory: the file that holds it, which stays until {@link #keepOnly}. */
    public Path fetchFile(String digest, long size) throws IOException, InterruptedException {
        Optional<Path> sound = sound(require(digest));
        if (sound.isPresent()) {
            return sound.get();
        }
        Path whole = folder.resolve(digest);
        if (size < 1 || size > MAX_SIZE) {
            throw new ArtefactException(
                    "artefact " + digest + " is said to have " + size + " bytes, allowed are 1 to " + MAX_SIZE);
        }
        Files.createDirectories(folder);
        Path partial = partial(digest);
        if (Files.exists(partial) && Files.size(partial) > size) {
            Files.delete(partial);
        }
        boolean resumed = Files.exists(partial);
        complete(digest, size, partial);
        String actual = digestOf(partial);
        if (!actual.equals(digest) && resumed && suspected.add(digest)) {
            LOG.warnf("what was left of artefact %s is damaged; it is fetched from the beginning", digest);
            Files.delete(partial);
            complete(digest, size, partial);
            actual = digestOf(partial);
        }
        if (!actual.equals(digest)) {
            Files.delete(partial);
            throw new ArtefactException("artefact " + digest + " from " + cloud + " has digest " + actual
                    + "; it is thrown away and will be fetched anew");
        }
        suspected.remove(digest);
        DurableFile.moveIntoPlace(partial, whole);
        return whole;
    }

    /** Bytes that are on disk so far, of a download that may still run; any thread may ask. */
    long received(String digest) {
        if (!DIGEST.matcher(digest).matches()) {
            return 0;
        }
        for (Path file : List.of(folder.resolve(digest), partial(digest))) {
            try {
                return Files.size(file);
            } catch (IOException e) {
                LOG.tracef("%s is not there", file);
            }
        }
        return 0;
    }

    /** Deletes what is none of these, whole or unfinished: a device that gets many models must not fill its disk. */
    public void keepOnly(Set<String> digests) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                String digest = name.split("\\.", 2)[0];
                boolean unfinishedCopy = name.endsWith(DurableFile.UNFINISHED);
                if (DIGEST.matcher(digest).matches() && (unfinishedCopy || !digests.contains(digest))) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private Optional<Path> sound(String digest) {
        Path whole = folder.resolve(digest);
        Path copy = folder.resolve(digest + COPY);
        boolean damaged = Files.exists(whole) && !holds(whole, digest);
        if (Files.exists(whole) && !damaged) {
            return Optional.of(whole);
        }
        boolean second = Files.exists(copy) && holds(copy, digest);
        if (damaged) {
            damages.found(
                    whole,
                    "has another digest; " + (second ? "its copy is used" : "it is thrown away and fetched anew"));
        }
        if (second) {
            return Optional.of(restored(whole, copy));
        }
        discard(whole);
        return Optional.empty();
    }

    private static void discard(Path damaged) {
        try {
            Files.deleteIfExists(damaged);
        } catch (IOException e) {
            LOG.debugf("%s stays until it is replaced: %s", damaged, e.getMessage());
        }
    }

    /** The copy itself where the disk cannot be written. */
    private Path restored(Path whole, Path copy) {
        try {
            duplicate(copy, whole);
            return whole;
        } catch (IOException e) {
            LOG.warnf("%s is not restored from its copy: %s", whole, e.getMessage());
            return copy;
        }
    }

    private static void duplicate(Path from, Path to) throws IOException {
        DurableFile.write(to, Files.readAllBytes(from));
    }

    private static boolean holds(Path file, String digest) {
        try {
            return digestOf(file).equals(digest);
        } catch (IOException e) {
            LOG.warnf("%s cannot be read: %s", file, e.getMessage());
            return false;
        }
    }

    private void complete(String digest, long size, Path partial) throws IOException, InterruptedException {
        if (!Files.exists(partial) || Files.size(partial) < size) {
            URI uri = cloud.at("/api/v1/artefacts/" + digest);
            try {
                new ArtefactDownload(cloud.asDevice(), uri, digest, size, partial, stallTimeout).attempt();
            } catch (CloudException e) {
                throw new ArtefactException(e.getMessage(), e);
            } catch (ArtefactException e) {
                throw e;
            } catch (IOException e) {
                throw named(digest, cloud.explained(e));
            }
        }
    }

    /** The HTTP client says nothing at all where nobody listens. */
    private IOException named(String digest, IOException failure) {
        return failure.getMessage() != null
                ? failure
                : new IOException(
                        "artefact " + digest + " is not on disk, and " + cloud + " cannot be reached: "
                                + failure.getClass().getSimpleName(),
                        failure);
    }

    private Path partial(String digest) {
        return folder.resolve(digest + UNFINISHED);
    }

    private static String require(String digest) {
        if (!DIGEST.matcher(digest).matches()) {
            throw new IllegalArgumentException("not a SHA-256 in lower-case hex: " + digest);
        }
        return digest;
    }

    private static String digestOf(Path file) throws IOException {
        MessageDigest digest = Digests.newSha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
