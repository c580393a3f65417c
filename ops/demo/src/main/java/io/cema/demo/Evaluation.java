package io.cema.demo;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Turns what was seen of the agents into the table and the curve. */
final class Evaluation {
    private final Scenario scenario;
    private final List<AgentWatch> agents;
    private final List<Outcome> outcomes;
    private final long startMillis;

    Evaluation(Scenario scenario, List<AgentWatch> agents) {
        this.scenario = scenario;
        this.agents = agents;
        this.startMillis = agents.stream()
                .flatMapToLong(
                        a -> java.util.stream.IntStream.range(0, a.stream().frames())
                                .filter(a::has)
                                .mapToLong(a::atMillis))
                .min()
                .orElse(0);
        this.outcomes = new ArrayList<>();
        for (AgentWatch agent : agents) {
            for (int frame = 0; frame < agent.stream().frames(); frame++) {
                if (agent.has(frame)) {
                    outcomes.add(new Outcome(
                            agent.atMillis(frame) - startMillis,
                            agent.stream().phase()[frame],
                            agent.right(frame),
                            agent.rightWithoutAdaptation(frame),
                            agent.latencyMillis(frame)));
                }
            }
        }
        outcomes.sort(Comparator.comparingInt(Outcome::phase).thenComparingLong(Outcome::millis));
    }

    /** Every answered frame, in order of phase and time. */
    List<Outcome> outcomes() {
        return outcomes;
    }

    /** When the first frame was answered, milliseconds since 1970. */
    long startMillis() {
        return startMillis;
    }

    /** @param refusedByGate when the cloud's gate refused a candidate, milliseconds since 1970 */
    List<PhaseResult> results(List<Long> refusedByGate) {
        List<PhaseResult> results = new ArrayList<>();
        for (int p = 0; p < scenario.phases().size(); p++) {
            results.add(result(p, refusedByGate));
        }
        return results;
    }

    private PhaseResult result(int p, List<Long> refusedByGate) {
        Phase phase = scenario.phases().get(p);
        List<Outcome> seen = outcomes.stream().filter(o -> o.phase() == p).toList();
        int images = agents.stream()
                .mapToInt(a -> (int) java.util.Arrays.stream(a.stream().phase())
                        .filter(i -> i == p)
                        .count())
                .sum();
        PhaseTraffic traffic = agents.stream().map(a -> a.traffic(p)).reduce(PhaseTraffic.NONE, PhaseTraffic::plus);
        List<UpdateMark> marks = agents.stream()
                .flatMap(a -> a.updates().stream().filter(u -> a.stream().phase()[u.frame()] == p))
                .toList();
        int applied = (int) marks.stream().filter(UpdateMark::applied).count();
        int byGate = (int) refusedByGate.stream()
                .filter(at -> phaseAt(at - startMillis) == p)
                .count();
        double without = share(seen, Outcome::rightWithout);
        double with = share(seen, Outcome::right);
        double end = share(seen.subList(seen.size() - seen.size() / 3, seen.size()), Outcome::right);
        double[] latencies =
                seen.stream().mapToDouble(Outcome::latencyMillis).sorted().toArray();
        return new PhaseResult(
                phase.name(),
                phase.severity(),
                images,
                seen.size(),
                without,
                with,
                end,
                traffic.uploadedImages(),
                images == 0 ? 0 : (double) traffic.uploadedImages() / images,
                traffic.bytesUp(),
                traffic.bytesDown(),
                applied,
                marks.size() - applied + byGate,
                byGate,
                phase.drifted() ? recoverySeconds(seen, without, end).orElse(null) : null,
                seen.isEmpty()
                        ? 0
                        : (seen.get(seen.size() - 1).millis() - seen.get(0).millis()) / 1000.0,
                latencies.length == 0 ? 0 : latencies[latencies.length / 2]);
    }

    /** The phase shown at a time; the last one after the end, -1 before the start. */
    private int phaseAt(long millis) {
        int phase = -1;
        for (Outcome o : outcomes) {
            if (o.millis() <= millis) {
                phase = Math.max(phase, o.phase());
            }
        }
        return phase;
    }

    /**
     * Time from the first image until the moving mean over the last images reaches nine tenths of the way from the
     * accuracy without adaptation to the accuracy at the end of the phase.
     */
    static Optional<Double> recoverySeconds(List<Outcome> phase, double without, double end) {
        if (phase.isEmpty() || end <= without) {
            return Optional.empty();
        }
        double goal = without + 0.9 * (end - without);
        int window = window(phase.size());
        int right = 0;
        for (int i = 0; i < phase.size(); i++) {
            right += phase.get(i).right() ? 1 : 0;
            if (i >= window) {
                right -= phase.get(i - window).right() ? 1 : 0;
            }
            if (i >= window - 1 && (double) right / window >= goal) {
                return Optional.of((phase.get(i).millis() - phase.get(0).millis()) / 1000.0);
            }
        }
        return Optional.empty();
    }

    /** Images that a moving mean spans in a phase of that many. */
    static int window(int images) {
        return Math.max(1, Math.min(images, Math.max(40, Math.min(200, images / 8))));
    }

    static double share(List<Outcome> outcomes, java.util.function.Predicate<Outcome> property) {
        return outcomes.isEmpty()
                ? 0
                : (double) outcomes.stream().filter(property).count() / outcomes.size();
    }
}
