package io.cema.edge.uplink;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.edge.storage.Damages;
import io.cema.protocol.clock.UtcClock;
import io.cema.protocol.message.SampleInfo;
import io.cema.protocol.message.UploadReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterTry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleSpoolTest {
    private static final Duration WEEK = Duration.ofDays(7);
    private static final long LARGE = 1 << 20;

    @TempDir
    Path folder;

    @Test
    void put_thenRead_givesTheSample() throws IOException {
        SampleSpool spool = open(LARGE);
        SpooledSample sample = sample(0.5, UploadReason.INFORMATIVE, 100);

        assertThat(spool.put(sample)).isTrue();

        SpooledSample read = spool.read(sample.id()).orElseThrow();
        assertThat(read.info()).isEqualTo(sample.info());
        assertThat(read.image()).isEqualTo(sample.image());
    }

    @Test
    void open_afterAKill_hasEverySpooledSampleInOrder() throws IOException {
        SampleSpool abandoned = open(LARGE);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            SpooledSample sample = sample(0.5, UploadReason.INFORMATIVE, 100);
            abandoned.put(sample);
            ids.add(sample.id());
        }

        SampleSpool spool = open(LARGE);

        assertThat(spool.entries()).extracting(SampleSpool.Entry::id).containsExactlyElementsOf(ids);
        assertThat(spool.bytes()).isEqualTo(abandoned.bytes());
    }

    @Test
    void open_unfinishedFile_isDeleted() throws IOException {
        Files.write(folder.resolve("01J00000000000000000000001.sample.tmp"), new byte[] {1, 2});

        SampleSpool spool = open(LARGE);

        assertThat(spool.images()).isZero();
        assertThat(folder.resolve("01J00000000000000000000001.sample.tmp")).doesNotExist();
    }

    /** The folder of a property's try is its own; that of a test is JUnit's. */
    @AfterTry
    void deleteFolder() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Property(tries = 40)
    void open_fileCutAnywhere_isSetAsideAndTheOthersStay(@ForAll @IntRange(min = 0, max = 150) int length)
            throws IOException {
        folder = Files.createTempDirectory("spool");
        SampleSpool spool = open(LARGE);
        SpooledSample cut = sample(0.5, UploadReason.INFORMATIVE, 150);
        SpooledSample whole = sample(0.6, UploadReason.INFORMATIVE, 150);
        spool.put(cut);
        spool.put(whole);
        Path file = folder.resolve(cut.id() + ".sample");
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), length));

        SampleSpool again = open(LARGE);

        assertThat(again.entries()).extracting(SampleSpool.Entry::id).containsExactly(whole.id());
        assertThat(again.corrupted()).isEqualTo(1);
        assertThat(folder.resolve("corrupt").resolve(cut.id() + ".sample")).exists();
    }

    @Property(tries = 40)
    void read_bitFlippedAnywhere_isSetAside(@ForAll @IntRange(min = 0, max = 1_000_000) int where) throws IOException {
        folder = Files.createTempDirectory("spool");
        SampleSpool spool = open(LARGE);
        SpooledSample sample = sample(0.5, UploadReason.INFORMATIVE, 150);
        spool.put(sample);
        Path file = folder.resolve(sample.id() + ".sample");
        byte[] bytes = Files.readAllBytes(file);
        bytes[where % bytes.length] ^= (byte) (1 << where % 8);
        Files.write(file, bytes);

        assertThat(spool.read(sample.id())).isEmpty();
        assertThat(spool.corrupted()).isEqualTo(1);
        assertThat(spool.images()).isZero();
    }

    @Test
    void put_full_dropsTheLeastInformativeFirst() throws IOException {
        SampleSpool spool = open(600);
        SpooledSample dull = sample(0.1, UploadReason.INFORMATIVE, 150);
        SpooledSample good = sample(0.9, UploadReason.INFORMATIVE, 150);
        SpooledSample random = sample(0.0, UploadReason.RANDOM, 150);
        spool.put(good);
        spool.put(dull);
        spool.put(random);

        spool.put(sample(0.5, UploadReason.INFORMATIVE, 150));

        assertThat(spool.contains(dull.id())).isFalse();
        assertThat(spool.contains(good.id())).isTrue();
        assertThat(spool.contains(random.id())).isTrue();
        assertThat(spool.droppedByReason()).containsExactly(Map.entry(SampleSpool.Drop.SPOOL_FULL, 1L));
        assertThat(spool.bytes()).isLessThanOrEqualTo(600);
    }

    @Test
    void put_fullOfBetter_dropsTheNewOneAndSaysSo() throws IOException {
        SampleSpool spool = open(400);
        spool.put(sample(0.9, UploadReason.INFORMATIVE, 150));
        spool.put(sample(0.8, UploadReason.INFORMATIVE, 150));

        assertThat(spool.put(sample(0.1, UploadReason.INFORMATIVE, 150))).isFalse();
    }

    @Test
    void expire_tooOld_isDropped() throws IOException {
        open(LARGE).put(sample(0.5, UploadReason.INFORMATIVE, 100));
        Clock later = Clock.fixed(Instant.now().plus(WEEK).plusSeconds(60), ZoneOffset.UTC);

        SampleSpool spool = SampleSpool.open(folder, LARGE, WEEK, later);

        assertThat(spool.images()).isZero();
        assertThat(spool.droppedByReason()).containsExactly(Map.entry(SampleSpool.Drop.TOO_OLD, 1L));
    }

    @Test
    void expire_clockLeapsAYearEitherWay_dropsNothing() throws IOException {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
        SampleSpool spool = SampleSpool.open(folder, LARGE, WEEK, clock(now));
        spool.put(sample(0.5, UploadReason.INFORMATIVE, 100));

        now.updateAndGet(before -> before.plus(Duration.ofDays(365)));
        spool.expire();
        spool.put(sample(0.5, UploadReason.INFORMATIVE, 100));
        now.updateAndGet(before -> before.minus(Duration.ofDays(2 * 365)));
        spool.expire();

        assertThat(spool.images()).isEqualTo(2);
        assertThat(spool.dropped()).isZero();
    }

    @Test
    void remove_fileCannotBeDeleted_isForgottenAndDeletedLater() throws IOException {
        SampleSpool spool = open(LARGE);
        SpooledSample sample = sample(0.5, UploadReason.INFORMATIVE, 100);
        spool.put(sample);
        Path file = folder.resolve(sample.id() + ".sample");
        Files.delete(file);
        Path obstacle = Files.createDirectories(file.resolve("in-the-way"));

        assertThat(spool.remove(sample.id())).isTrue();
        assertThat(spool.images()).isZero();

        Files.delete(obstacle);
        spool.expire();
        assertThat(file).doesNotExist();
    }

    @Test
    void open_manyDamaged_keepsTheNewestToLookInto() throws IOException {
        SampleSpool.open(folder, LARGE, WEEK, Clock.systemUTC());
        for (int i = 0; i < SampleSpool.CORRUPT_KEPT + 5; i++) {
            Files.write(folder.resolve("01J000000000000000000000%02d.sample".formatted(i)), new byte[i % 3]);
        }
        Damages damages = new Damages();

        SampleSpool spool = SampleSpool.open(folder, LARGE, WEEK, Clock.systemUTC(), damages);

        assertThat(spool.corrupted()).isEqualTo(SampleSpool.CORRUPT_KEPT + 5);
        assertThat(damages.count()).isEqualTo(SampleSpool.CORRUPT_KEPT + 5);
        assertThat(folder.resolve("corrupt").toFile().list()).hasSize(SampleSpool.CORRUPT_KEPT);
    }

    private static Clock clock(AtomicReference<Instant> now) {
        return new UtcClock() {
            @Override
            public Instant instant() {
                return now.get();
            }
        };
    }

    @Test
    void remove_known_isGoneForGood() throws IOException {
        SampleSpool spool = open(LARGE);
        SpooledSample sample = sample(0.5, UploadReason.INFORMATIVE, 100);
        spool.put(sample);

        assertThat(spool.remove(sample.id())).isTrue();

        assertThat(spool.remove(sample.id())).isFalse();
        assertThat(open(LARGE).images()).isZero();
        assertThat(spool.bytes()).isZero();
    }

    private SampleSpool open(long maxBytes) throws IOException {
        return SampleSpool.open(folder, maxBytes, WEEK, Clock.systemUTC());
    }

    static SpooledSample sample(double entropy, UploadReason reason, int bytes) {
        byte[] image = new byte[bytes];
        new Random(bytes).nextBytes(image);
        SampleInfo info = SampleInfo.newBuilder()
                .setEntropy((float) entropy)
                .setReason(reason)
                .build();
        return new SpooledSample(UlidCreator.getMonotonicUlid().toString(), info, image);
    }
}
