package io.cema.edge.device;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Getting one artefact into a file of the disk, from where an earlier attempt broke off. Looks at sizes alone; whether the
 * bytes are the right ones is for the caller to check.
 */
final class ArtefactDownload {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(\\d{1,18}|\\*)");
    private static final int BUFFER = 64 * 1024;

    private final HttpClient http;
    private final URI uri;
    private final String tag;
    private final long size;
    private final Path partial;
    private final Duration stallTimeout;

    /**
     * @param size bytes of the whole, as announced
     * @param partial what is there of it; need not exist
     * @param stallTimeout after which an attempt that makes no progress is given up
     */
    ArtefactDownload(HttpClient http, URI uri, String digest, long size, Path partial, Duration stallTimeout) {
        this.http = http;
        this.uri = uri;
        this.tag = '"' + digest + '"';
        this.size = size;
        this.partial = partial;
        this.stallTimeout = stallTimeout;
    }

    /**
     * One attempt. What has come stays in the file, also if it fails.
     *
     * @throws ArtefactException if another attempt soon would not end otherwise
     * @throws IOException if the line broke, stalled, or the cloud did not answer
     */
    void attempt() throws IOException, InterruptedException {
        long have = Files.exists(partial) ? Files.size(partial) : 0;
        requireSpace(size - have);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(stallTimeout.multipliedBy(2));
        if (have > 0) {
            request.header("Range", "bytes=" + have + "-").header("If-Range", tag);
        }
        HttpResponse<InputStream> response = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            append(body, firstByte(response, have, body));
        }
    }

    /** Where in the whole the body begins. */
    private long firstByte(HttpResponse<?> response, long have, InputStream body) throws IOException {
        int status = response.statusCode();
        if (have > 0 && (status == 416 || status == 206 && !goesOnAt(response, have))) {
            Files.delete(partial);
            throw new IOException("GET " + uri + " answers " + status + " to the range from " + have + " on, of " + size
                    + " bytes; it will be fetched from the beginning");
        }
        if (status != 200 && status != 206) {
            throw new IOException("GET " + uri + " answers " + status + detail(body));
        }
        // A server that knows no ranges, or has other content, sends the whole from the beginning.
        long first = status == 206 ? have : 0;
        long length = response.headers().firstValueAsLong("Content-Length").orElse(size - first);
        if (length != size - first) {
            throw new ArtefactException(
                    "GET " + uri + " offers " + (first + length) + " bytes, announced were " + size);
        }
        return first;
    }

    /** What a refusal says of itself, as RFC 9457 has it. */
    private static String detail(InputStream body) {
        try {
            String detail = new ObjectMapper()
                    .readTree(body.readNBytes(BUFFER))
                    .path("detail")
                    .asText();
            return detail.isEmpty() ? "" : ": " + detail;
        } catch (IOException e) {
            return ""; // somebody else's answer
        }
    }

    private boolean goesOnAt(HttpResponse<?> response, long have) {
        Matcher range = CONTENT_RANGE.matcher(
                response.headers().firstValue("Content-Range").orElse(""));
        return range.matches()
                && Long.parseLong(range.group(1)) == have
                && (range.group(2).equals("*") || Long.parseLong(range.group(2)) == size);
    }

    private void append(InputStream body, long first) throws IOException {
        try (StallWatch watch = new StallWatch(body, stallTimeout);
                FileChannel channel = open(first)) {
            long total;
            try {
                total = copy(body, channel, first, watch);
            } catch (IOException e) {
                keep(channel, e);
                throw e;
            }
            force(channel);
            if (total < size) {
                throw brokeOff(total, null);
            }
        }
    }

    private long copy(InputStream body, FileChannel channel, long first, StallWatch watch) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long total = first;
        int read = read(body, buffer, total);
        while (read >= 0) {
            total += read;
            if (total > size) {
                throw new ArtefactException("GET " + uri + " sends more than the " + size + " bytes announced");
            }
            write(channel, ByteBuffer.wrap(buffer, 0, read));
            watch.progress();
            read = read(body, buffer, total);
        }
        return total;
    }

    /** What came before the failure shall outlast a power cut, too. */
    private void keep(FileChannel channel, IOException failure) {
        try {
            force(channel);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private void force(FileChannel channel) throws ArtefactException {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw notWritable(e);
        }
    }

    private FileChannel open(long first) throws ArtefactException {
        try {
            FileChannel channel = FileChannel.open(partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(first);
            channel.position(first);
            return channel;
        } catch (IOException e) {
            throw notWritable(e);
        }
    }

    private void write(FileChannel channel, ByteBuffer bytes) throws ArtefactException {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw notWritable(e);
        }
    }

    private ArtefactException notWritable(IOException cause) {
        return new ArtefactException(
                "cannot write " + partial + ": " + cause.getMessage() + "; free space there or mend the disk", cause);
    }

    private void requireSpace(long bytes) throws IOException {
        long free = Files.getFileStore(partial.toAbsolutePath().getParent()).getUsableSpace();
        if (free < bytes) {
            throw new ArtefactException("GET " + uri + " needs " + bytes + " bytes of disk, " + partial.getParent()
                    + " has " + free + " left; free space there");
        }
    }

    private int read(InputStream body, byte[] buffer, long total) throws IOException {
        try {
            return body.read(buffer);
        } catch (IOException e) {
            throw brokeOff(total, e);
        }
    }

    private IOException brokeOff(long total, IOException cause) {
        return new IOException("GET " + uri + " broke off or stalled after " + total + " of " + size + " bytes", cause);
    }
}
