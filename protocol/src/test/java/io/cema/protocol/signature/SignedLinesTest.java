package io.cema.protocol.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SignedLinesTest {
    private static final String LINES = "first\nsecond\n";

    private KeyPair key;
    private String signed;

    @BeforeEach
    void sign() throws NoSuchAlgorithmException {
        key = KeyPairGenerator.getInstance("EC").generateKeyPair();
        signed = SignedLines.sign("test", LINES, key.getPrivate());
    }

    @Test
    void open_givesTheLines() {
        assertThat(signed).startsWith(LINES + "# signature ");
        assertThat(SignedLines.open("test", signed, key.getPublic())).isEqualTo(LINES);
    }

    @Test
    void noLines_areSignedToo() {
        String none = SignedLines.sign("test", "", key.getPrivate());

        assertThat(SignedLines.open("test", none, key.getPublic())).isEmpty();
    }

    @Test
    void beginningOfAFile_isRefusedWhereverItEnds() {
        for (int length = 0; length < signed.length(); length++) {
            refused("test", signed.substring(0, length));
        }
    }

    @Test
    void changedOrFurtherLines_areRefused() {
        refused("test", signed.replace("second", "another"));
        refused("test", signed + "third\n");
        refused("test", "third\n" + signed);
    }

    @Test
    void linesOfAnotherDomain_areRefused() {
        refused("another", signed);
    }

    private void refused(String domain, String text) {
        assertThatThrownBy(() -> SignedLines.open(domain, text, key.getPublic()))
                .isInstanceOf(EnvelopeException.class);
    }
}
