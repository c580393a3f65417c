package io.cema.cloud.fleet.release;

import io.cema.cloud.http.ProblemException;
import java.util.Base64;
import java.util.regex.Pattern;

/** A package of the agent as it was handed in. */
record PackageUpload(String version, String platform, byte[] signature, String notes, byte[] archive) {
    static final String VERSION = "[0-9A-Za-z][0-9A-Za-z.+~-]{0,59}";
    private static final String PLATFORM = "[a-z0-9]+-[a-z0-9_]+";
    private static final int SIGNATURE_BYTES = 64;
    private static final int MAX_NOTES = 2000;

    /** Reads the request's fields; fails with 400 naming the wrong one. */
    static PackageUpload of(String version, String platform, String signature, String notes, byte[] archive) {
        require(version != null && Pattern.matches(VERSION, version), "`version` must look like 0.2.0, is " + version);
        require(
                platform != null && platform.length() <= 40 && Pattern.matches(PLATFORM, platform),
                "`platform` must look like linux-x86_64, is " + platform);
        require(
                archive != null && archive.length > 0,
                "the request carries no archive; send the one that `ops/cema package edge` wrote as the body");
        require(notes == null || notes.length() <= MAX_NOTES, "`notes` may have " + MAX_NOTES + " characters");
        return new PackageUpload(version, platform, bytes(signature), notes == null ? "" : notes.strip(), archive);
    }

    private static byte[] bytes(String signature) {
        try {
            byte[] bytes = Base64.getDecoder().decode(signature == null ? "" : signature.strip());
            require(
                    bytes.length == SIGNATURE_BYTES,
                    "`signature` must be the content of the file that `ops/cema package edge --sign` wrote beside the"
                            + " archive: 64 bytes in Base64, here are " + bytes.length
                            + ". Devices refuse packages without one");
            return bytes;
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid("`signature` is no Base64: " + e.getMessage());
        }
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw ProblemException.invalid(problem);
        }
    }
}
