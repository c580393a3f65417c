package io.cema.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DigestsTest {
    @Test
    void theExampleOfTheStandard() {
        byte[] abc = "abc".getBytes(StandardCharsets.US_ASCII);

        assertThat(Digests.hex(abc)).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(Digests.sha256(abc)).hasSize(32).startsWith(0xba, 0x78, 0x16);
    }
}
