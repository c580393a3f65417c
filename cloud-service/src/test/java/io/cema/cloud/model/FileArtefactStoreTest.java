package io.cema.cloud.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileArtefactStoreTest {
    private static final byte[] CONTENT = {1, 2, 3, 4, 5};

    @TempDir
    Path folder;

    @Test
    void stored_comesBackByItsDigest() {
        ArtefactStore store = new FileArtefactStore(folder);

        Artefact artefact = get(store.put(CONTENT));

        assertThat(artefact).isEqualTo(new Artefact(Sha256.hex(CONTENT), 5));
        assertThat(get(store.get(artefact.digest()))).isEqualTo(CONTENT);
    }

    @Test
    void storedTwice_isOneFileAndLeavesNoOther() throws IOException {
        ArtefactStore store = new FileArtefactStore(folder);
        get(store.put(CONTENT));
        get(store.put(CONTENT));

        try (Stream<Path> files = Files.walk(folder).filter(Files::isRegularFile)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void part_isRead() {
        ArtefactStore store = new FileArtefactStore(folder);
        String digest = get(store.put(CONTENT)).digest();

        assertThat(get(store.read(digest, 3, 100))).containsExactly(4, 5);
    }

    @Test
    void missing_isNamed() {
        ArtefactStore store = new FileArtefactStore(folder);

        assertThatThrownBy(() -> get(store.get("0".repeat(64)))).isInstanceOf(ArtefactNotFoundException.class);
    }

    @Test
    void nameThatIsNoDigest_neverReachesTheFileSystem() {
        ArtefactStore store = new FileArtefactStore(folder);

        assertThatThrownBy(() -> get(store.get("../../etc/passwd"))).isInstanceOf(IllegalArgumentException.class);
    }

    private static <T> T get(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(10));
    }
}
