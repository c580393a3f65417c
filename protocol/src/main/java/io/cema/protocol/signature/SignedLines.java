package io.cema.protocol.signature;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;

/**
 * Lines of text with a signature as the last one, which is a comment to programs that read the lines and check nothing:
 * {@code # signature BASE64}. For files that are copied from machine to machine: one that is not whole has none. ECDSA with
 * SHA-256, as the certificate authority's key is for.
 */
public final class SignedLines {
    private static final String ALGORITHM = "SHA256withECDSA";
    private static final String MARK = "# signature ";

    private SignedLines() {}

    /**
     * @param domain what the lines are, so that a signature means nothing elsewhere
     * @param lines each with its end
     */
    public static String sign(String domain, String lines, PrivateKey key) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(key);
            signature.update(covered(domain, lines));
            return lines + MARK + Base64.getEncoder().encodeToString(signature.sign()) + "\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the key cannot sign with " + ALGORITHM, e);
        }
    }

    /** The lines; fails with an EnvelopeException if they are not whole, or signed by another key or for something else. */
    public static String open(String domain, String text, PublicKey key) {
        int mark = text.lastIndexOf(MARK);
        if (mark < 0 || !text.endsWith("\n") || text.indexOf('\n', mark) != text.length() - 1) {
            throw new EnvelopeException("its last line is no signature: it is not whole");
        }
        String lines = text.substring(0, mark);
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(key);
            signature.update(covered(domain, lines));
            if (signature.verify(Base64.getDecoder().decode(text.substring(mark + MARK.length(), text.length() - 1)))) {
                return lines;
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new EnvelopeException("its signature cannot be read: " + e.getMessage(), e);
        }
        throw new EnvelopeException("its signature is not one of the authority for these lines");
    }

    private static byte[] covered(String domain, String lines) {
        return (domain + "\n" + lines).getBytes(StandardCharsets.UTF_8);
    }
}
