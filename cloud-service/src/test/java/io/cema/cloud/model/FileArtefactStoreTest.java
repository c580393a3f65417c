package io.cema.cloud.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileArtefactStoreTest extends ArtefactStoreContract {
    @TempDir
    Path folder;

    @Override
    ArtefactStore store() {
        return new FileArtefactStore(folder);
    }

    @Test
    void storedTwice_leavesNoOtherFile() throws IOException {
        get(store().put(CONTENT));
        get(store().put(CONTENT));

        try (Stream<Path> files = Files.walk(folder).filter(Files::isRegularFile)) {
            assertThat(files).hasSize(1);
        }
    }
}
