package io.cema.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Turns what was seen of the agents into the table and the curve. */
final class Evaluation {
    private final Scenario scenario;
    private final List<AgentWatch> agents;
    private final List<Outcome> outcomes;

    Evaluation(Scenario scenario, List<AgentWatch> agents) {
        this.scenario = scenario;
        this.agents = agents;
        this.outcomes = new ArrayList<>();
        agents.forEach(this::take);
        outcomes.sort(Comparator.comparingInt(Outcome::phase).thenComparingLong(Outcome::phaseMillis));
    }

    private void take(AgentWatch agent) {
        long start = startMillis(agent);
        long phaseStart = start;
        int phase = -1;
        for (int frame = 0; frame < agent.stream().frames(); frame++) {
            if (!agent.has(frame)) {
                continue;
            }
            if (agent.stream().phase()[frame] != phase) {
                phase = agent.stream().phase()[frame];
                phaseStart = agent.atMillis(frame);
            }
            outcomes.add(new Outcome(
                    agent.atMillis(frame) - start,
                    agent.atMillis(frame) - phaseStart,
                    phase,
                    agent.right(frame),
                    agent.rightWithoutAdaptation(frame),
                    agent.latencyMillis(frame)));
        }
    }

    /** When the agent answered its first frame, milliseconds since 1970. */
    static long startMillis(AgentWatch agent) {
        return IntStream.range(0, agent.stream().frames())
                .filter(agent::has)
                .mapToLong(agent::atMillis)
                .min()
                .orElse(0);
    }

    /** Every answered frame, in order of phase and of time in it. */
    List<Outcome> outcomes() {
        return outcomes;
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
                .mapToInt(a -> (int)
                        Arrays.stream(a.stream().phase()).filter(i -> i == p).count())
                .sum();
        PhaseTraffic traffic = agents.stream().map(a -> a.traffic(p)).reduce(PhaseTraffic.NONE, PhaseTraffic::plus);
        List<UpdateMark> marks = agents.stream()
                .flatMap(a -> a.updates().stream()
                        .filter(u -> !u.recalled() && a.stream().phase()[u.frame()] == p))
                .toList();
        int applied = (int) marks.stream().filter(UpdateMark::applied).count();
        int byGate = (int) refusedByGate.stream().filter(at -> phaseAt(at) == p).count();
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
                seen.isEmpty() ? 0 : seen.get(seen.size() - 1).phaseMillis() / 1000.0,
                latencies.length == 0 ? 0 : latencies[latencies.length / 2]);
    }

    /** The phase that the first agent was in at a time, milliseconds since 1970; -1 before its start. */
    private int phaseAt(long millis) {
        AgentWatch agent = agents.get(0);
        int phase = -1;
        for (int frame = 0; frame < agent.stream().frames(); frame++) {
            if (agent.has(frame) && agent.atMillis(frame) <= millis) {
                phase = Math.max(phase, agent.stream().phase()[frame]);
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
                return Optional.of(phase.get(i).phaseMillis() / 1000.0);
            }
        }
        return Optional.empty();
    }

    /** Images that a moving mean spans in a phase of that many. */
    static int window(int images) {
        return Math.max(1, Math.min(images, Math.max(40, Math.min(200, images / 8))));
    }

    static double share(List<Outcome> outcomes, Predicate<Outcome> property) {
        return outcomes.isEmpty()
                ? 0
                : (double) outcomes.stream().filter(property).count() / outcomes.size();
    }
}
