package io.cema.ops.stack;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said when the listener cannot be; that it can is tested with the access extension. */
class SecureListenerTest {
    @TempDir
    Path folder;

    @Test
    void missing_file_is_named_with_remedy() {
        assertThatThrownBy(() -> new SecureListener(0, folder, true).prepare(folder, 8883))
                .isInstanceOf(StackException.class)
                .hasMessageContaining(folder.resolve("authority.pem").toString())
                .hasMessageContaining("cema.security.enabled=true");
    }

    @Test
    void files_that_are_no_certificates_are_named() throws IOException {
        for (String name : new String[] {"authority.pem", "revoked.pem", "broker.pem", "broker.key"}) {
            Files.writeString(folder.resolve(name), "nothing");
        }

        assertThatThrownBy(() -> new SecureListener(0, folder, true).prepare(folder, 8883))
                .isInstanceOf(StackException.class)
                .hasMessageContaining(folder.toString());
    }
}
