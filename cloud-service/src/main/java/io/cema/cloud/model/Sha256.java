package io.cema.cloud.model;

import java.util.regex.Pattern;

/** SHA-256 digests as the platform writes them: 64 lower-case hex digits. */
public final class Sha256 {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    private Sha256() {}

    public static boolean isDigest(String text) {
        return text != null && HEX.matcher(text).matches();
    }

    /** @throws IllegalArgumentException if it is none: such a name never becomes a path or a key */
    static void requireDigest(String text) {
        if (!isDigest(text)) {
            throw new IllegalArgumentException(
                    "an artefact is named by 64 lower-case hex digits of its SHA-256, not by '" + text + "'");
        }
    }
}
