package io.cema.cloud.adaptation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.cloud.adaptation.torch.Distiller;
import io.cema.cloud.adaptation.torch.DomainChange;
import io.cema.cloud.adaptation.torch.Evaluation;
import io.cema.cloud.adaptation.torch.Mixture;
import io.cema.cloud.adaptation.torch.Saturation;
import io.cema.cloud.adaptation.torch.StepReport;
import io.cema.cloud.adaptation.torch.Surroundings;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.cloud.adaptation.torch.Visit;
import io.cema.cloud.model.LoadedModel;
import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.adaptation.AdaptationCodec;
import io.cema.protocol.image.Image;
import io.cema.protocol.model.AffineCodec;
import io.cema.protocol.model.AffineParameters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/**
 * Adapts one edge model for one cohort: takes new uploads, learns, judges, publishes.
 *
 * <p>Confined to one thread at a time and without locks; {@link #tick} blocks it for a step. Everything that must
 * survive is in the database or the artefact store when tick returns. Candidates are judged on uploads the twin has not
 * learnt from yet: held-back ones and those that are about to be learnt from.
 */
public final class AdaptationLoop implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(AdaptationLoop.class);
    private static final Duration POLICY_AGE = Duration.ofSeconds(5);
    /** Held-back uploads further back than this many uploads say nothing of the present domain. */
    private static final long RECENT_ORDINALS = 1_000;

    private static final int FEWEST_UNFILTERED_JUDGES = 16;
    /** Of the newest uploads so many times what the replay holds are looked through for a fair replay. */
    private static final int RELOAD_FACTOR = 4;
    /** Harmful candidates in a row after which the twin goes back to the live version's checkpoint. */
    private static final int REFUSALS_BEFORE_RETURN = 3;

    private final LoopKey key;
    private final LoopStore store;
    private final TorchSettings torch;
    private final LongSupplier nanoTime;
    private final LoopTelemetry telemetry;
    private final ObjectMapper json = new ObjectMapper();

    private Distiller distiller;
    private PresentDomain domain;
    private CohortPolicy policy;
    private long policyReadNanos;
    private String foundationDigest;
    private LiveVersion live;
    /** Under judgement at the canaries: nothing else is published meanwhile, and the twin goes on from it. */
    private Optional<LiveVersion> candidate = Optional.empty();
    /** An operator wants no new publications. */
    private boolean held;

    private final LoopImages images;
    private final TeacherScores scores;

    private UpdateGate gate;
    private DownlinkBudget budget;
    private StatisticsLearning statistics;

    private long step;
    private int idleLeft;
    private long newestOrdinal;

    private final ActiveDevices active = new ActiveDevices();
    private long withdrawals;

    private final Announcements announcements = new Announcements();
    private final Departures departures = new Departures();
    private LoopTime time = LoopTime.NONE;

    private long taughtFrom;
    private long taughtTo;
    private long taught;
    private long candidateStep;
    private long candidateNanos;
    private long interval;
    private int refusals;

    /** @param nanoTime the clock of the cadence, as {@link System#nanoTime}; evaluation lets it run with the stream */
    public AdaptationLoop(LoopKey key, LoopStore store, TorchSettings torch, LongSupplier nanoTime) {
        this(key, store, torch, nanoTime, LoopTelemetry.none(key));
    }

    /** @param telemetry told of what the loop does */
    AdaptationLoop(LoopKey key, LoopStore store, TorchSettings torch, LongSupplier nanoTime, LoopTelemetry telemetry) {
        this.telemetry = telemetry;
        this.key = key;
        this.store = store;
        this.torch = torch;
        this.nanoTime = nanoTime;
        this.images = new LoopImages(key, store);
        this.scores = new TeacherScores(store, images::of);
    }

    /**
     * Does the next piece of work, one step at most.
     *
     * @return after how long to call again at the latest; zero if there is more to do now
     * @throws LeaseLostException the loop belongs to another process; close this one
     */
    public Duration tick() {
        refreshPolicy();
        boolean scored = scoredAll();
        Backlog backlog = fair(store.backlog(policy.learning().distillationBatch()));
        announceIfMissed(backlog.newest());
        boolean ready = ready(backlog);
        boolean due = mayPublish() && candidateDue() && !leaving(backlog.newest());
        List<LoadedSample> fresh = ready || due ? images.load(backlog.newest()) : List.of();
        boolean changed = ready && recognise(fresh);
        if (due || changed && mayPublish()) {
            judgeOn(fresh);
        }
        if (ready) {
            learnFresh(fresh, backlog.newest().get(backlog.newest().size() - 1).ordinal());
            return Duration.ZERO;
        }
        if (idleLeft > 0
                && domain.mayLearn()
                && domain.uploads().size() >= policy.learning().replayMinimum()) {
            learnStored();
            return Duration.ZERO;
        }
        if (backlog.waiting() == 0) {
            lookAtStatistics();
        }
        return scored ? untilReady(backlog) : Duration.ZERO;
    }

    /** Where the time of all ticks so far went. */
    public LoopTime time() {
        return time;
    }

    /** Frees the models. Call on the thread that ticks, or after its last tick. */
    @Override
    public void close() {
        if (distiller != null) {
            distiller.close();
            distiller = null;
        }
    }

    /** Writes what went wrong into the loop's row. */
    void reportProblem(String problem) {
        telemetry.failed();
        store.status("FAILED", Optional.of(problem));
    }

    // ---- no device steers its cohort

    /** Of each device its share of the newest uploads. */
    private Backlog fair(Backlog backlog) {
        active.saw(backlog.newest(), nanoTime.getAsLong());
        List<StoredSample> newestFirst = new ArrayList<>(backlog.newest());
        Collections.reverse(newestFirst);
        return new Backlog(
                oldestFirst(share().choose(
                                newestFirst,
                                StoredSample::device,
                                policy.learning().distillationBatch())),
                backlog.waiting(),
                backlog.oldestWaitMillis());
    }

    private DeviceShare share() {
        GuardSettings guard = policy.guard();
        long memory = Duration.ofMinutes(guard.activeMinutes()).toNanos();
        return new DeviceShare(guard.deviceShare(), active.count(nanoTime.getAsLong(), memory));
    }

    private static List<StoredSample> oldestFirst(List<StoredSample> uploads) {
        return uploads.stream()
                .sorted(Comparator.comparingLong(StoredSample::ordinal))
                .toList();
    }

    /** What was learnt from and may still be, as the store has it. */
    private ReplayBuffer replay() {
        int capacity = policy.learning().replayCapacity();
        ReplayBuffer replay = new ReplayBuffer(capacity);
        List<StoredSample> newestFirst = new ArrayList<>(store.trained(RELOAD_FACTOR * capacity));
        Collections.reverse(newestFirst);
        int devices =
                (int) newestFirst.stream().map(StoredSample::device).distinct().count();
        DeviceShare share = new DeviceShare(policy.guard().deviceShare(), devices);
        for (StoredSample stored : oldestFirst(share.choose(newestFirst, StoredSample::device, capacity))) {
            replay.add(stored);
            newestOrdinal = Math.max(newestOrdinal, stored.ordinal());
        }
        return replay;
    }

    // ---- learning

    private boolean recognise(List<LoadedSample> fresh) {
        DomainChange change = domain.recognise(fresh);
        if (change != DomainChange.NONE) {
            interval = policy.cadence().minimumIntervalMillis();
            LOG.infof("loop %s, step %d: the domain changed (%s)", key, step, change);
            followDevices(fresh.stream().map(LoadedSample::stored).toList());
        }
        return change != DomainChange.NONE;
    }

    /** If most of them went back to what was published for the present domain, that is what runs. */
    private void followDevices(List<StoredSample> fresh) {
        Optional<String> run = Senders.version(fresh).filter(distiller::serves);
        departures.followed(run);
        if (run.isPresent()) {
            live = live.running(distiller.served(), domain.uploads().size(), domain.start());
        }
    }

    /** @param last newest ordinal taken; what waited longer than the newest images goes straight to the replay */
    private void learnFresh(List<LoadedSample> fresh, long last) {
        step++;
        store.recordStep(step, last);
        if (fresh.isEmpty()) {
            return;
        }
        List<Image> replayed = domain.uploads().size() < policy.learning().replayMinimum()
                ? List.of()
                : drawn(policy.learning().distillationBatch() - fresh.size());
        fresh.forEach(sample -> domain.keep(sample.stored()));
        newestOrdinal = Math.max(newestOrdinal, last);
        idleLeft = policy.cadence().idleSteps();
        domain.calibrateOnNew();
        if (!domain.mayLearn()) {
            return;
        }
        taughtFrom = taughtFrom == 0 ? fresh.get(0).stored().ordinal() : taughtFrom;
        taughtTo = last;
        taught += fresh.size();
        domain.learnt();
        List<String> traced = telemetry.traced(store, fresh.get(0).stored().ordinal(), last);
        long started = System.nanoTime();
        StepReport report =
                distiller.step(fresh.stream().map(LoadedSample::image).toList(), replayed, domain.mixture());
        if (report.shifted()) {
            domain.beginWith(fresh.get(0).stored().ordinal());
            interval = policy.cadence().minimumIntervalMillis();
            candidateStep = Math.min(candidateStep, step - policy.cadence().candidateSteps());
            LOG.infof(
                    "loop %s: the domain changed at step %d (divergence %.2f); statistics start anew",
                    key, step, report.divergence());
        }
        learnt(report, traced, started);
        scores.add(fresh.stream().map(LoadedSample::stored).toList(), report.teacher());
    }

    private void learnStored() {
        idleLeft--;
        step++;
        domain.learnt();
        store.recordStep(step, 0);
        long started = System.nanoTime();
        StepReport report = distiller.step(List.of(), drawn(policy.learning().distillationBatch()), domain.mixture());
        learnt(report, List.of(), started);
    }

    private void learnt(StepReport report, List<String> traced, long startedNanos) {
        time = time.plus(report.time());
        telemetry.learnt(report, traced, startedNanos);
        LOG.debugf("loop %s: %s", key, report);
    }

    private List<Image> drawn(int count) {
        return domain.draw(count, new SplittableRandom(step));
    }

    private boolean ready(Backlog backlog) {
        int have = backlog.newest().size();
        return have >= policy.learning().batch()
                || have >= policy.cadence().minimumBatch()
                        && backlog.oldestWaitMillis() >= policy.cadence().maximumWaitMillis();
    }

    private Duration untilReady(Backlog backlog) {
        long wait = policy.cadence().maximumWaitMillis();
        return Duration.ofMillis(
                backlog.newest().size() >= policy.cadence().minimumBatch()
                        ? Math.max(20, wait - backlog.oldestWaitMillis())
                        : Math.max(1_000, wait));
    }

    // ---- without images

    /** Devices that may send no images: what their statistics give goes to canaries, and nowhere else. */
    private void lookAtStatistics() {
        if (!mayPublish()
                || policy.canary().isEmpty()
                || !budget.allows(policy.cadence().bytesPerHour())) {
            return;
        }
        long started = System.nanoTime();
        statistics
                .look(store, policy.guard(), distiller.base(), live.adaptation().first(), nanoTime.getAsLong())
                .ifPresent(judged -> {
                    Verdict verdict = judged.verdict();
                    GateMetrics metrics = verdict instanceof Verdict.Publish publish
                            ? publish.metrics()
                            : ((Verdict.Refuse) verdict).metrics();
                    NewVersion version = NewVersion.ofStatistics(
                            live.version(),
                            step,
                            AffineCodec.encode(judged.difference()),
                            verdict.reason(),
                            text(metrics));
                    LOG.infof("loop %s: %s: %s", key, verdict.getClass().getSimpleName(), verdict.reason());
                    telemetry.judged(verdict, started);
                    if (verdict instanceof Verdict.Publish) {
                        distiller.adopt(judged.difference());
                        publish(Adaptation.of(distiller.base().plus(judged.difference())), 0, version);
                    } else {
                        store.refuse(version);
                    }
                });
    }

    // ---- judging and publishing

    private boolean mayPublish() {
        return candidate.isEmpty() && !held;
    }

    /** Looks, for a candidate's judges, at uploads that learning would not look at. */
    private boolean scoredAll() {
        boolean randomAlone = policy.canary()
                .map(canary -> canary.health().randomUploadsAlone())
                .orElse(true);
        return candidate.isEmpty()
                || !scores.lookAtUnscored(distiller, policy.gate().images(), randomAlone);
    }

    /**
     * Most of the devices that sent the newest uploads have left the live version by themselves. What is learnt is of the domain that
     * they left, as far as is known; as soon as enough unfiltered uploads are there, it shows which one they are in.
     */
    private boolean leaving(List<StoredSample> newest) {
        List<StoredSample> undecided = new ArrayList<>(newest);
        undecided.addAll(domain.unrecognised());
        return live.version()
                .map(version -> departures.mostLeft(undecided, version))
                .orElse(false);
    }

    private boolean candidateDue() {
        long since = (nanoTime.getAsLong() - candidateNanos) / 1_000_000;
        return distiller.steps() > 0
                && step - candidateStep >= policy.cadence().candidateSteps()
                && since >= interval
                && budget.allows(policy.cadence().bytesPerHour());
    }

    /** @param fresh not learnt from yet, whether or not they make a batch already */
    private void judgeOn(List<LoadedSample> fresh) {
        List<LoadedSample> judges = judges(fresh);
        Optional<Verdict.Wait> wait = gate.tooFew(judges.size());
        if (wait.isPresent()) {
            LOG.debugf("loop %s: %s", key, wait.get().reason());
            return;
        }
        candidateStep = step;
        candidateNanos = nanoTime.getAsLong();
        judge(judges);
    }

    private void judge(List<LoadedSample> judges) {
        List<Image> present = images.of(domain.representative());
        domain.calibrateBehindLearning(present);
        AffineParameters base = distiller.base();
        Adaptation registered = Adaptation.of(base);
        Surroundings around = domain.lookAround(present);
        if (around.far() && distiller.calibratedOn() == 0) {
            LOG.debugf("loop %s, step %d: far from what the models were made for, and not measured yet", key, step);
            return;
        }
        Optional<Mixture> mixture = around.mixture();
        Adaptation difference = decoded(
                mixture.map(m -> m.adaptation().minus(base)).orElseGet(() -> Adaptation.of(distiller.candidate())));
        Adaptation learnt = difference.plus(base);
        boolean stale = live.newest() < domain.start();
        long started = System.nanoTime();
        List<Image> judged = judges.stream().map(LoadedSample::image).toList();
        List<Evaluation> evaluations = timed(() -> distiller.evaluate(
                judged,
                stale ? List.of(live.adaptation(), learnt, registered) : List.of(live.adaptation(), learnt),
                mixture));
        scores.add(
                judges.stream().map(LoadedSample::stored).toList(),
                IntStream.of(evaluations.get(0).teacher()).boxed().toList());
        // In a new domain the registered model may serve better than what was learnt so far; but not far from home,
        // where the registered models are sure of what they never learnt, and agree on it.
        boolean fallBack = stale
                && !distiller.servedBefore()
                && !around.far()
                && evaluations.get(2).teacherAgreement() > evaluations.get(1).teacherAgreement();
        int random = (int) judges.stream().filter(s -> s.stored().random()).count();
        int evidence = domain.uploads().size();
        boolean ofAnotherDomain = stale || around.far() && live.adaptation().equals(registered);
        LiveStanding standing = ofAnotherDomain ? LiveStanding.OF_ANOTHER_DOMAIN : live.standing(evidence, learnt);
        // The registered model's activations are what they were calibrated for.
        Saturation saturated = fallBack ? Saturation.NONE : timed(() -> distiller.saturation(judged, learnt));
        Verdict verdict =
                gate.judge(evaluations.get(fallBack ? 2 : 1), evaluations.get(0), random, saturated, standing);
        LOG.infof(
                "loop %s, step %d: %s%s: %s",
                key,
                step,
                verdict.getClass().getSimpleName(),
                fallBack ? " the registered model" : "",
                verdict.reason());
        telemetry.judged(verdict, started);
        carryOut(verdict, fallBack ? registered.minus(base) : difference, fallBack, evidence);
    }

    /**
     * @param judged difference to the base
     * @param fallBack whether that is the registered model; the twin keeps what it has learnt then
     */
    private void carryOut(Verdict verdict, Adaptation judged, boolean fallBack, int evidence) {
        Optional<byte[]> encoded = Optional.of(AdaptationCodec.encode(judged));
        if (verdict instanceof Verdict.Publish publish) {
            if (!fallBack && !judged.mixed()) {
                distiller.adopt(judged.first());
            }
            NewVersion version = version(encoded, publish.reason(), publish.metrics());
            publish(judged.plus(distiller.base()), fallBack ? 0 : evidence, version);
        } else if (verdict instanceof Verdict.Refuse refuse) {
            refuse(refuse, version(encoded, refuse.reason(), refuse.metrics()));
        }
    }

    private <T> T timed(Supplier<T> pass) {
        long started = System.nanoTime();
        try {
            return pass.get();
        } finally {
            time = time.plusForward(System.nanoTime() - started);
        }
    }

    private Adaptation decoded(Adaptation difference) {
        return AdaptationCodec.decode(AdaptationCodec.encode(difference), distiller.layers());
    }

    private void publish(Adaptation adaptation, int evidence, NewVersion version) {
        byte[] difference = version.affine().orElseGet(() -> new byte[0]);
        distiller.published(version.version(), difference);
        LoopStore.Publication published =
                store.publish(version.tracedBy(telemetry.publishing()), distiller.checkpoint());
        int bytes = difference.length;
        telemetry.published(version.version(), published, bytes);
        LOG.infof(
                "loop %s: published %s as revision %d.%d, %d bytes%s",
                key,
                version.version(),
                published.epoch(),
                published.revision(),
                bytes,
                published.candidate() ? ", to the canaries" : "");
        budget.spent(bytes);
        LiveVersion next = new LiveVersion(
                Optional.of(version.version()),
                adaptation,
                bytes,
                evidence,
                newestOrdinal,
                Optional.of(published.checkpoint()));
        if (published.candidate()) {
            candidate = Optional.of(next);
        } else {
            goLive(next);
        }
        taughtFrom = 0;
        taughtTo = 0;
        taught = 0;
        refusals = 0;
        interval = policy.cadence().minimumIntervalMillis();
    }

    private void goLive(LiveVersion next) {
        live = next;
        candidate = Optional.empty();
        liveBegins();
    }

    /** Nothing is known yet of who runs the live version. */
    private void liveBegins() {
        announcements.published(nanoTime.getAsLong());
        departures.published();
    }

    /** What was decided elsewhere. A promotion changes nothing here; anything else means to begin from what stands there. */
    private void follow(LoopState state) {
        held = state.held();
        Optional<String> judged = candidate.flatMap(LiveVersion::version);
        if (state.candidate().map(LoopState.Candidate::version).equals(judged)
                && state.liveVersion().equals(live.version())) {
            return;
        }
        if (state.candidate().isEmpty()
                && judged.isPresent()
                && state.liveVersion().equals(judged)) {
            LOG.infof("loop %s: %s was promoted", key, judged.get());
            budget.spent(candidate.get().bytes());
            goLive(candidate.get());
            return;
        }
        open(state);
    }

    private void announceIfMissed(List<StoredSample> newest) {
        // With a candidate the canaries' uploads are rightly of another version.
        Optional<String> version = candidate.isPresent() ? Optional.empty() : live.version();
        version.ifPresent(wanted -> {
            departures.saw(newest, wanted);
            announcements.saw(
                    newest.stream().filter(s -> !departures.left(s, wanted)).toList(), wanted);
        });
        if (version.isPresent() && announcements.due(nanoTime.getAsLong())) {
            LOG.infof("loop %s: the newest uploads are not of version %s yet; announced again", key, version.get());
            store.announce();
            budget.spent(live.bytes());
        }
    }

    private void refuse(Verdict.Refuse refuse, NewVersion version) {
        store.refuse(version);
        interval = Math.min(Math.max(1, interval) * 2, policy.cadence().maximumIntervalMillis());
        refusals = refuse.cause().harmful() ? refusals + 1 : 0;
        if (refusals >= REFUSALS_BEFORE_RETURN) {
            LOG.warnf("loop %s: %d harmful candidates in a row; back to the last published version", key, refusals);
            refusals = 0;
            returnToCheckpoint();
            domain.enter();
        }
    }

    /**
     * Recent uploads the twin has not learnt from. Unfiltered ones alone if they suffice: what passed the filters was chosen
     * by the live version as what it is sure of. Random ones first, then the newest; of no device more than its share, so
     * that none decides a verdict alone.
     */
    private List<LoadedSample> judges(List<LoadedSample> fresh) {
        int most = policy.gate().images();
        long after = Math.max(domain.start() - 1, newestOrdinal - RECENT_ORDINALS);
        List<StoredSample> pool =
                new ArrayList<>(fresh.stream().map(LoadedSample::stored).toList());
        pool.addAll(store.heldBack(after, most));
        pool.sort(Comparator.comparing((StoredSample s) -> !s.random()).thenComparing(s -> -s.ordinal()));
        DeviceShare share = share();
        List<StoredSample> unfilteredOnes =
                share.choose(pool.stream().filter(StoredSample::unfiltered).toList(), StoredSample::device, most);
        return images.load(
                unfilteredOnes.size() >= FEWEST_UNFILTERED_JUDGES
                        ? unfilteredOnes
                        : share.choose(pool, StoredSample::device, most));
    }

    private NewVersion version(Optional<byte[]> affine, String reason, GateMetrics metrics) {
        return new NewVersion(
                UlidCreator.getMonotonicUlid().toString(),
                live.version(),
                step,
                taughtFrom,
                taughtTo,
                taught,
                foundationDigest,
                affine,
                reason,
                text(metrics));
    }

    private String text(GateMetrics metrics) {
        try {
            return json.writeValueAsString(metrics);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("loop " + key + ": metrics " + metrics + " cannot be written as JSON", e);
        }
    }

    // ---- opening

    private void refreshPolicy() {
        if (distiller != null && nanoTime.getAsLong() - policyReadNanos < POLICY_AGE.toNanos()) {
            return;
        }
        LoopState state = store.state();
        CohortPolicy read = CohortPolicy.parse(state.policy());
        policyReadNanos = nanoTime.getAsLong();
        if (distiller == null || !read.learning().equals(policy.learning())) {
            policy = read;
            open(state);
        } else {
            policy = read;
            follow(state);
        }
        if (state.withdrawals() != withdrawals) {
            withdrawals = state.withdrawals();
            domain.replay(replay());
            LOG.infof("loop %s: uploads were withdrawn or came back; the replay is read anew", key);
        }
        gate = new UpdateGate(policy.gate());
    }

    private void open(LoopState state) {
        close();
        LoadedModel edge = store.edgeModel();
        LoadedModel foundation = store.foundationModel(state.foundationDigest());
        foundationDigest = state.foundationDigest();
        distiller = Distiller.open(
                new Distiller.Part(edge.onnx(), edge.manifest()),
                new Distiller.Part(foundation.onnx(), foundation.manifest()),
                policy.learning(),
                torch);
        statistics = new StatisticsLearning(key, edge);
        step = state.step();
        held = state.held();
        withdrawals = state.withdrawals();
        active.clear();
        domain = new PresentDomain(
                key,
                distiller,
                policy.learning(),
                images,
                replay(),
                domain == null ? List.of(Visit.since(0)) : domain.visits(),
                this::share,
                this::timed);
        live = LiveVersion.of(state, distiller);
        candidate = state.candidate().map(c -> LiveVersion.of(c, distiller));
        returnToCheckpoint();
        domain.enter();
        int evidence = domain.uploads().size();
        live = live.restingOn(evidence);
        candidate = candidate.map(c -> c.restingOn(evidence));
        liveBegins();
        interval = policy.cadence().minimumIntervalMillis();
        candidateStep = step;
        candidateNanos = nanoTime.getAsLong() - Duration.ofMillis(interval).toNanos();
        idleLeft = live.version().isPresent() ? policy.cadence().idleSteps() : 0;
        budget = budget == null ? new DownlinkBudget() : budget;
        store.status("READY", Optional.empty());
        LOG.infof(
                "loop %s: opened at step %d, live version %s, candidate %s",
                key,
                step,
                live.version().orElse("none"),
                candidate.flatMap(LiveVersion::version).orElse("none"));
    }

    private void returnToCheckpoint() {
        candidate.orElse(live).giveTo(distiller, store);
    }
}
