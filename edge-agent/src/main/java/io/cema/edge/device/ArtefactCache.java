package io.cema.edge.device;

import io.cema.edge.storage.DurableFile;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Artefacts by their SHA-256: from disk if they are there and whole, else from the cloud by {@code GET
 * /api/v1/artefacts/{sha256}}, going on where an earlier attempt broke off. What does not have the wished digest is
 * never handed out. Blocks; one thread at a time.
 */
public final class ArtefactCache {
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final long MAX_SIZE = 4L << 30;
    private static final int BUFFER = 64 * 1024;

    private final Path folder;
    private final URI cloud;
    private final Duration stallTimeout;
    private final HttpClient http;

    /** @param cloud base address, e.g. {@code https://cloud.example:8443} */
    public ArtefactCache(Path folder, URI cloud) {
        this(folder, cloud, Duration.ofSeconds(30));
    }

    /** @param stallTimeout after which a download that makes no progress is given up */
    ArtefactCache(Path folder, URI cloud, Duration stallTimeout) {
        this.folder = folder;
        this.cloud = cloud;
        this.stallTimeout = stallTimeout;
        this.http = HttpClient.newBuilder()
                .connectTimeout(Duration.ofSeconds(10))
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /** Reads an artefact from disk; empty if it is not there. A damaged one is deleted and counts as absent. */
    public Optional<byte[]> cached(String digest) throws IOException {
        Path file = folder.resolve(require(digest));
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        byte[] bytes = Files.readAllBytes(file);
        if (!digestOf(bytes).equals(digest)) {
            Files.delete(file);
            return Optional.empty();
        }
        return Optional.of(bytes);
    }

    /**
     * Gets an artefact, from disk or from the cloud.
     *
     * @param size its size in bytes, as the signed desired state says
     * @throws IOException if the cloud cannot be reached, refuses, or sends something else; what has come so far is kept
     *     for the next attempt where it may be of use
     */
    public byte[] fetch(String digest, long size) throws IOException, InterruptedException {
        Optional<byte[]> cached = cached(digest);
        if (cached.isPresent()) {
            return cached.get();
        }
        if (size < 1 || size > MAX_SIZE) {
            throw new IOException(
                    "artefact " + digest + " is said to have " + size + " bytes, allowed are 1 to " + MAX_SIZE);
        }
        Files.createDirectories(folder);
        Path partial = folder.resolve(digest + ".part");
        if (Files.exists(partial) && Files.size(partial) > size) {
            Files.delete(partial);
        }
        if (!Files.exists(partial) || Files.size(partial) < size) {
            download(digest, size, partial);
        }
        byte[] bytes = Files.readAllBytes(partial);
        String actual = digestOf(bytes);
        if (!actual.equals(digest)) {
            Files.delete(partial);
            throw new IOException("artefact " + digest + " from " + cloud + " has digest " + actual
                    + "; it is thrown away and will be fetched anew");
        }
        DurableFile.moveIntoPlace(partial, folder.resolve(digest));
        return bytes;
    }

    private void download(String digest, long size, Path partial) throws IOException, InterruptedException {
        URI uri = cloud.resolve("/api/v1/artefacts/" + digest);
        long have = Files.exists(partial) ? Files.size(partial) : 0;
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(stallTimeout.multipliedBy(2));
        if (have > 0) {
            request.header("Range", "bytes=" + have + "-");
        }
        HttpResponse<InputStream> response = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200 && response.statusCode() != 206) {
                throw new IOException("GET " + uri + " answers " + response.statusCode());
            }
            // A server that knows no ranges sends the whole from the beginning.
            append(body, partial, response.statusCode() == 206 ? have : 0, size, uri, stallTimeout);
        }
    }

    private static void append(InputStream body, Path partial, long from, long size, URI uri, Duration stallTimeout)
            throws IOException {
        try (StallWatch watch = new StallWatch(body, stallTimeout);
                FileChannel channel = FileChannel.open(partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.truncate(from);
            channel.position(from);
            byte[] buffer = new byte[BUFFER];
            long total = from;
            int read = read(body, buffer, total, size, uri);
            while (read >= 0) {
                total += read;
                if (total > size) {
                    throw new IOException("GET " + uri + " sends more than the " + size + " bytes announced");
                }
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                watch.progress();
                read = read(body, buffer, total, size, uri);
            }
            channel.force(true);
            if (total < size) {
                throw new IOException("GET " + uri + " broke off after " + total + " of " + size + " bytes");
            }
        }
    }

    private static int read(InputStream body, byte[] buffer, long total, long size, URI uri) throws IOException {
        try {
            return body.read(buffer);
        } catch (IOException e) {
            throw new IOException("GET " + uri + " broke off or stalled after " + total + " of " + size + " bytes", e);
        }
    }

    private static String require(String digest) {
        if (!DIGEST.matcher(digest).matches()) {
            throw new IllegalArgumentException("not a SHA-256 in lower-case hex: " + digest);
        }
        return digest;
    }

    static String digestOf(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
