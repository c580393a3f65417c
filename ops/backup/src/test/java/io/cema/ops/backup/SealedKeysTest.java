package io.cema.ops.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedKeysTest {
    private static final byte[] KEYS = "private".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path folder;

    @Test
    void sealed_opensWithItsPassphraseAlone() {
        byte[] sealed = SealedKeys.seal(KEYS, "one long passphrase".toCharArray());

        assertThat(SealedKeys.open(sealed, "one long passphrase".toCharArray())).isEqualTo(KEYS);
        assertThatThrownBy(() -> SealedKeys.open(sealed, "another passphrase".toCharArray()))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("passphrase does not open");
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("private");
    }

    @Test
    void shortPassphrase_isRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("passphrase"), "short\n");

        assertThatThrownBy(() -> SealedKeys.passphrase(file))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("5 characters");
    }
}
