package io.cema.bench.evaluation;

import io.cema.cloud.adaptation.Backlog;
import io.cema.cloud.adaptation.CohortPolicy;
import io.cema.cloud.adaptation.LoopState;
import io.cema.cloud.adaptation.LoopStore;
import io.cema.cloud.adaptation.NewVersion;
import io.cema.cloud.adaptation.StoredReport;
import io.cema.cloud.adaptation.StoredSample;
import io.cema.cloud.ingest.HeldBack;
import io.cema.cloud.model.LoadedModel;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.message.StatisticsReport;
import io.cema.protocol.message.UploadReason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** A loop's store without a database: one loop of one episode. One thread. */
final class MemoryLoopStore implements LoopStore {
    /** As {@code cema.ingest.held-back-share} has it. */
    private static final double HELD_BACK_SHARE = 1.0 / 6;
    /** An episode is the stream of one device. */
    private static final String DEVICE = "device";

    private final LoadedModel edge;
    private final LoadedModel foundation;
    private final String policy;
    private final LongSupplier nanoTime;
    private final HeldBack heldBack = new HeldBack(HELD_BACK_SHARE);
    private final List<Entry> entries = new ArrayList<>();
    private final Map<Long, Image> images = new HashMap<>();
    private final List<NewVersion> published = new ArrayList<>();
    private final List<Sent> sent = new ArrayList<>();
    private final List<StoredReport> reports = new ArrayList<>();
    private byte[] checkpoint = new byte[0];
    private long step;
    private long refused;
    private int firstOpen;

    /** A version on its way down, the first time or again. */
    record Sent(NewVersion version, long revision) {}

    private record Entry(StoredSample sample, boolean held, long receivedNanos) {}

    /** @param policy of the cohort, JSON */
    MemoryLoopStore(LoadedModel edge, LoadedModel foundation, String policy, LongSupplier nanoTime) {
        CohortPolicy.parse(policy);
        this.edge = edge;
        this.foundation = foundation;
        this.policy = policy;
        this.nanoTime = nanoTime;
    }

    void add(WireSample sample, UploadReason reason, String version) {
        long ordinal = entries.size() + 1L;
        StoredSample stored = new StoredSample(
                ordinal, DEVICE, sample.id(), ImageFormat.RGB8_ZSTD, reason, sample.predictedClass(), version);
        entries.add(new Entry(stored, heldBack.holds(sample.id(), reason), nanoTime.getAsLong()));
        images.put(ordinal, ImageCodec.decode(ImageFormat.RGB8_ZSTD, sample.encoded()));
    }

    void add(StatisticsReport report) {
        reports.add(
                0,
                new StoredReport(
                        reports.size() + 1L,
                        DEVICE,
                        report.getFrames(),
                        report.getPrior(),
                        report.getStatistics().toByteArray(),
                        report.getMeanEntropy(),
                        report.getInformation(),
                        counts(report.getClassesList()),
                        report.getRenormalisedMeanEntropy(),
                        report.getRenormalisedInformation(),
                        counts(report.getRenormalisedClassesList())));
    }

    private static int[] counts(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }

    List<NewVersion> published() {
        return published;
    }

    /** Every message that went down, in order. */
    List<Sent> sent() {
        return sent;
    }

    long refused() {
        return refused;
    }

    @Override
    public LoopState state() {
        Optional<NewVersion> live =
                published.isEmpty() ? Optional.empty() : Optional.of(published.get(published.size() - 1));
        return new LoopState(
                foundation.manifest().digest(),
                step,
                live.map(NewVersion::version),
                live.flatMap(NewVersion::affine),
                live.map(NewVersion::version),
                0,
                policy,
                Optional.empty(),
                false);
    }

    @Override
    public LoadedModel edgeModel() {
        return edge;
    }

    @Override
    public LoadedModel foundationModel(String digest) {
        return foundation;
    }

    @Override
    public Backlog backlog(int limit) {
        List<Entry> open = entries.subList(firstOpen, entries.size()).stream()
                .filter(e -> !e.held())
                .toList();
        if (open.isEmpty()) {
            return new Backlog(List.of(), 0, 0);
        }
        return new Backlog(
                open.subList(Math.max(0, open.size() - limit), open.size()).stream()
                        .map(Entry::sample)
                        .toList(),
                open.size(),
                (nanoTime.getAsLong() - open.get(0).receivedNanos()) / 1_000_000);
    }

    @Override
    public List<StoredSample> trained(int limit) {
        List<StoredSample> trained = entries.subList(0, firstOpen).stream()
                .filter(e -> !e.held())
                .map(Entry::sample)
                .toList();
        return trained.subList(Math.max(0, trained.size() - limit), trained.size());
    }

    @Override
    public List<StoredSample> heldBack(long afterOrdinal, int limit) {
        List<StoredSample> held = entries.stream()
                .filter(e -> e.held() && e.sample().ordinal() > afterOrdinal)
                .map(Entry::sample)
                .sorted(Comparator.comparing((StoredSample s) -> !s.random()).thenComparing(s -> -s.ordinal()))
                .limit(limit)
                .toList();
        return held.stream()
                .sorted(Comparator.comparingLong(StoredSample::ordinal))
                .toList();
    }

    @Override
    public Image image(StoredSample sample) {
        return images.get(sample.ordinal());
    }

    @Override
    public byte[] checkpoint(String digest) {
        return checkpoint;
    }

    @Override
    public void recordStep(long newStep, long lastOrdinal) {
        step = newStep;
        firstOpen = Math.max(firstOpen, Math.toIntExact(lastOrdinal));
    }

    @Override
    public void status(String status, Optional<String> problem) {
        problem.ifPresent(p -> {
            throw new IllegalStateException("the loop reports: " + p);
        });
    }

    @Override
    public Publication publish(NewVersion version, byte[] twin) {
        published.add(version);
        sent.add(new Sent(version, published.size()));
        checkpoint = twin;
        return new Publication(1, published.size(), version.version(), false);
    }

    @Override
    public void announce() {
        sent.add(sent.get(sent.size() - 1));
    }

    @Override
    public void refuse(NewVersion version) {
        refused++;
    }

    /** There is no canary here to be judged. */
    @Override
    public List<StoredSample> unscored(int limit, boolean randomAlone) {
        return List.of();
    }

    /** The newest four, as the database gives of each device. */
    @Override
    public List<StoredReport> statistics(int minutes) {
        return List.copyOf(reports.subList(0, Math.min(4, reports.size())));
    }

    @Override
    public void recordScores(List<Score> scores) {}
}
