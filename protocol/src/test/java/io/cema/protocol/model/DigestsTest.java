package io.cema.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.junit.jupiter.api.Test;

class DigestsTest {
    @Test
    void theExampleOfTheStandard() {
        byte[] abc = "abc".getBytes(StandardCharsets.US_ASCII);

        assertThat(Digests.hex(abc)).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(Digests.sha256(abc)).hasSize(32).startsWith(0xba, 0x78, 0x16);
    }

    @Test
    void contentInParts_hasTheDigestOfTheWhole() {
        byte[] abc = "abc".getBytes(StandardCharsets.US_ASCII);
        MessageDigest inParts = Digests.newSha256();

        inParts.update(abc, 0, 1);
        inParts.update(abc, 1, 2);

        assertThat(inParts.digest()).isEqualTo(Digests.sha256(abc));
    }
}
