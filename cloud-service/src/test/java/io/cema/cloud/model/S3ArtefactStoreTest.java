package io.cema.cloud.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.ops.scale.SideProcess;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real store that speaks S3, in a process of its own. */
class S3ArtefactStoreTest extends ArtefactStoreContract {
    @TempDir
    static Path folder;

    private static SideProcess server;
    private static S3ArtefactStore store;

    @BeforeAll
    static void start() {
        server = SideProcess.s3(folder);
        store = open(SideProcess.BUCKET, SideProcess.SECRET_KEY, server.port());
    }

    @AfterAll
    static void stop() {
        if (store != null) {
            store.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Override
    ArtefactStore store() {
        return store;
    }

    private static S3ArtefactStore open(String bucket, String secret, int port) {
        return S3ArtefactStore.open(new Given(
                Optional.of(URI.create("http://127.0.0.1:" + port)), Optional.of(bucket), Optional.of(secret)));
    }

    private record Given(Optional<URI> endpoint, Optional<String> bucket, Optional<String> secretKey)
            implements ArtefactSettings.S3 {
        @Override
        public String region() {
            return "us-east-1";
        }

        @Override
        public String prefix() {
            return "artefacts/";
        }

        @Override
        public Optional<String> accessKey() {
            return Optional.of(SideProcess.ACCESS_KEY);
        }

        @Override
        public boolean pathStyle() {
            return true;
        }
    }

    @Test
    void bucketThatIsThere_isReachable() {
        get(store.reachable());
    }

    @Test
    void wrongCredentials_nameTheBucketAndTheRemedy() {
        try (S3ArtefactStore stranger = open(SideProcess.BUCKET, "not-the-secret", server.port())) {
            assertThatThrownBy(() -> get(stranger.put(CONTENT)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("bucket " + SideProcess.BUCKET + " at http://127.0.0.1:" + server.port())
                    .hasMessageContaining("403")
                    .hasMessageContaining("secret-key");
        }
    }

    @Test
    void missingBucket_isSaid() {
        try (S3ArtefactStore elsewhere = open("no-such-bucket", SideProcess.SECRET_KEY, server.port())) {
            assertThatThrownBy(() -> get(elsewhere.put(CONTENT)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("no-such-bucket")
                    .hasMessageContaining("make the bucket");
        }
    }

    @Test
    void nobodyThere_isSaidWithTheSettings() {
        try (S3ArtefactStore lost = open(SideProcess.BUCKET, SideProcess.SECRET_KEY, 1)) {
            assertThatThrownBy(() -> get(lost.find("0".repeat(64))))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("cema.artefacts.s3.endpoint");
        }
    }

    @Test
    void damagedObject_isNotGivenOut() throws Exception {
        String digest = get(store.put(new byte[] {4, 2, 4, 2})).digest();
        try (Stream<Path> files = Files.walk(folder)) {
            Path object =
                    files.filter(file -> file.endsWith(digest)).findFirst().orElseThrow();
            Files.write(object, new byte[] {4, 2, 4, 3});
        }

        assertThatThrownBy(() -> get(store.get(digest))).hasMessageContaining("damaged");
        assertThat(get(store.find(digest))).isPresent();
    }

    @Test
    void bucketThatIsNotNamed_endsTheStart() {
        assertThatThrownBy(() -> S3ArtefactStore.open(new Given(Optional.empty(), Optional.empty(), Optional.of("s"))))
                .hasMessageContaining("cema.artefacts.s3.bucket");
    }
}
