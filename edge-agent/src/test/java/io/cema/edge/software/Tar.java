package io.cema.edge.software;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Makes archives as an honest packer does, and as an attacker would. */
final class Tar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** The package of a fake agent: a shell script that does what a test wants. */
    static byte[] agent(String version, String script) {
        return new Tar()
                .file("cema-edge/version", version + "\n", 0644)
                .file("cema-edge/bin/cema-edge", "#!/bin/sh\n" + script + "\n", 0755)
                .gzip();
    }

    Tar file(String name, String content, int mode) {
        return entry(name, '0', content.getBytes(StandardCharsets.UTF_8), mode, "");
    }

    Tar link(String name, String target) {
        return entry(name, '2', new byte[0], 0777, target);
    }

    Tar device(String name) {
        return entry(name, '3', new byte[0], 0666, "");
    }

    byte[] gzip() {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes.toByteArray());
            gzip.write(new byte[1024]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    Path into(Path file) {
        try {
            return Files.write(file, gzip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Tar entry(String name, char type, byte[] content, int mode, String link) {
        byte[] header = new byte[512];
        put(header, 0, name);
        put(header, 100, "%07o".formatted(mode));
        put(header, 124, "%011o".formatted(content.length));
        put(header, 136, "%011o".formatted(1_700_000_000));
        put(header, 148, "        ");
        header[156] = (byte) type;
        put(header, 157, link);
        put(header, 257, "ustar");
        header[263] = '0';
        header[264] = '0';
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, "%06o\0 ".formatted(sum));
        bytes.writeBytes(header);
        bytes.writeBytes(content);
        bytes.writeBytes(new byte[(512 - content.length % 512) % 512]);
        return this;
    }

    private static void put(byte[] header, int at, String text) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(ascii, 0, header, at, ascii.length);
    }
}
