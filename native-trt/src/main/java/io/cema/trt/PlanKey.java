package io.cema.trt;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a plan was built for. A plan runs where all four are the same, and nowhere else.
 *
 * @param model digest of the ONNX file, or of the part of it that a refit cannot change
 * @param tensorRt version of the library, e.g. {@code 10.15.1}
 * @param gpu its name and compute capability
 * @param options how it was built, see {@link BuildOptions#canonical}
 */
public record PlanKey(String model, String tensorRt, String gpu, String options) {
    public PlanKey {
        for (String part : new String[] {model, tensorRt, gpu, options}) {
            if (part.isBlank() || part.indexOf('\n') >= 0) {
                throw new IllegalArgumentException(
                        "a plan's key needs four parts of one line each, has \"" + part + "\"");
            }
        }
    }

    /** Four lines, in a fixed order. */
    public String text() {
        return "model " + model + "\ntensorrt " + tensorRt + "\ngpu " + gpu + "\noptions " + options + "\n";
    }

    /** SHA-256 of {@link #text}, in hexadecimal: the name of the plan's file. */
    public String digest() {
        return HexFormat.of().formatHex(sha256().digest(text().getBytes(StandardCharsets.UTF_8)));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java machine has SHA-256", e);
        }
    }
}
