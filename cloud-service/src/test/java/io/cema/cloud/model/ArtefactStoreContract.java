package io.cema.cloud.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.protocol.model.Digests;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every store does, wherever it keeps its bytes. */
abstract class ArtefactStoreContract {
    static final byte[] CONTENT = {1, 2, 3, 4, 5};

    /** An empty one, or one that other tests have put things in. */
    abstract ArtefactStore store();

    @Test
    void stored_comesBackByItsDigest() {
        Artefact artefact = get(store().put(CONTENT));

        assertThat(artefact).isEqualTo(new Artefact(Digests.hex(CONTENT), 5));
        assertThat(get(store().get(artefact.digest()))).isEqualTo(CONTENT);
        assertThat(get(store().find(artefact.digest()))).contains(artefact);
    }

    @Test
    void megabytes_comeBackWhole() {
        byte[] model = new byte[3 << 20];
        new Random(1).nextBytes(model);

        String digest = get(store().put(model)).digest();

        assertThat(get(store().get(digest))).isEqualTo(model);
        assertThat(get(store().read(digest, 1 << 20, 7))).isEqualTo(Arrays.copyOfRange(model, 1 << 20, (1 << 20) + 7));
    }

    @Test
    void storedTwice_isOneArtefact() {
        Artefact first = get(store().put(CONTENT));

        assertThat(get(store().put(CONTENT))).isEqualTo(first);
        assertThat(get(store().get(first.digest()))).isEqualTo(CONTENT);
    }

    @Test
    void part_isRead() {
        String digest = get(store().put(CONTENT)).digest();

        assertThat(get(store().read(digest, 1, 2))).containsExactly(2, 3);
        assertThat(get(store().read(digest, 3, 100))).containsExactly(4, 5);
        assertThat(get(store().read(digest, 5, 100))).isEmpty();
    }

    @Test
    void missing_isNamed() {
        String digest = "0".repeat(64);

        assertThat(get(store().find(digest))).isEqualTo(Optional.empty());
        assertThatThrownBy(() -> get(store().get(digest))).isInstanceOf(ArtefactNotFoundException.class);
        assertThatThrownBy(() -> get(store().read(digest, 0, 1))).isInstanceOf(ArtefactNotFoundException.class);
    }

    @Test
    void deleted_isGoneAndMayBeDeletedAgain() {
        String digest = get(store().put(new byte[] {9, 9})).digest();

        get(store().delete(digest));
        get(store().delete(digest));

        assertThat(get(store().find(digest))).isEmpty();
    }

    @Test
    void nameThatIsNoDigest_neverBecomesAPath() {
        assertThatThrownBy(() -> get(store().get("../../etc/passwd"))).isInstanceOf(IllegalArgumentException.class);
    }

    static <T> T get(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(20));
    }
}
