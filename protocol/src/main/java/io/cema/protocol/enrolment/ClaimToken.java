package io.cema.protocol.enrolment;

import io.cema.protocol.model.Digests;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * What admits a new device once: a secret for the cloud, and for the device the certificate authority it may trust. As
 * text {@code {secret}.{fingerprint}}.
 *
 * @param secret 256 random bits in Base64 for URLs
 * @param fingerprint SHA-256 of the authority's certificate, 64 lower-case hex digits
 */
public record ClaimToken(String secret, String fingerprint) {
    private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{43}");
    private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");
    private static final int SECRET_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** The message of the error does not repeat what was given: it may be a secret with a typing error. */
    public ClaimToken {
        if (!SECRET.matcher(secret).matches()
                || !FINGERPRINT.matcher(fingerprint).matches()) {
            throw new IllegalArgumentException(
                    "the claim is not of the form {43 characters}.{64 hex digits}; copy it whole, as it was shown");
        }
    }

    public static ClaimToken create(String fingerprint) {
        byte[] secret = new byte[SECRET_BYTES];
        RANDOM.nextBytes(secret);
        return new ClaimToken(Base64.getUrlEncoder().withoutPadding().encodeToString(secret), fingerprint);
    }

    /** @throws IllegalArgumentException if the text is no token */
    public static ClaimToken parse(String text) {
        int dot = text.indexOf('.');
        return dot < 0 ? new ClaimToken("", "") : new ClaimToken(text.substring(0, dot), text.substring(dot + 1));
    }

    /** What the cloud keeps of it. */
    public byte[] secretHash() {
        return Digests.sha256(Base64.getUrlDecoder().decode(secret));
    }

    public String text() {
        return secret + "." + fingerprint;
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "ClaimToken[..., " + fingerprint + "]";
    }
}
