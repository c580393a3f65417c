package io.cema.protocol.signature;

import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads and writes PEM blocks (RFC 7468). */
public final class Pem {
    private static final Base64.Encoder ENCODER = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private Pem() {}

    public static String block(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + ENCODER.encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    /** The first block of that label; IllegalArgumentException if its content is not Base64. */
    public static Optional<byte[]> find(String label, String text) {
        Matcher matcher = Pattern.compile(
                        "-----BEGIN " + Pattern.quote(label) + "-----([^-]*)-----END " + Pattern.quote(label) + "-----")
                .matcher(text);
        return matcher.find()
                ? Optional.of(Base64.getDecoder().decode(matcher.group(1).replaceAll("\\s", "")))
                : Optional.empty();
    }
}
