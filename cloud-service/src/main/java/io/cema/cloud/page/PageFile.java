package io.cema.cloud.page;

import io.cema.protocol.model.Digests;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * One file of the page, in memory as it is sent. The arrays are owned by the record; do not write to them.
 *
 * @param compressed the same under gzip
 * @param tag entity tag, with its quotes
 */
record PageFile(String type, byte[] content, byte[] compressed, String tag) {
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml",
            "txt", "text/plain; charset=utf-8");
    private static final int TAG_BYTES = 8;

    /** @throws IllegalStateException if it is not there, or of a type that the page has no use for */
    static PageFile read(String resource) {
        String type = TYPES.get(resource.substring(resource.lastIndexOf('.') + 1));
        if (type == null) {
            throw new IllegalStateException("file " + resource
                    + " of the operator's page has a type that is not served;" + " known are " + TYPES.keySet());
        }
        try (InputStream stream = Thread.currentThread().getContextClassLoader().getResourceAsStream(resource)) {
            if (stream == null) {
                throw new IllegalStateException(
                        "file " + resource + " of the operator's page is missing; build cloud-service anew");
            }
            byte[] content = stream.readAllBytes();
            return new PageFile(type, content, gzip(content), tag(content));
        } catch (IOException e) {
            throw new UncheckedIOException("file " + resource + " of the operator's page cannot be read", e);
        }
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        }
        return out.toByteArray();
    }

    private static String tag(byte[] content) {
        return '"' + HexFormat.of().formatHex(Digests.sha256(content), 0, TAG_BYTES) + '"';
    }
}
