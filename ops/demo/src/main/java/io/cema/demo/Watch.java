package io.cema.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Looks on while the agents work through the stream, and says how it goes. One thread. */
final class Watch {
    private static final long STALL_SECONDS = 90;
    private static final long DRAIN_SECONDS = 10;
    private static final long POLL_MILLIS = 400;

    private final DemoStream stream;
    private final Fleet fleet;
    private final Progress progress;
    private final List<AgentWatch> agents = new ArrayList<>();
    private final List<AgentClient> clients = new ArrayList<>();
    private final int[] updatesSaid;
    private int phaseSaid = -1;

    Watch(DemoStream stream, Fleet fleet, Progress progress) {
        this.stream = stream;
        this.fleet = fleet;
        this.progress = progress;
        this.updatesSaid = new int[stream.agents().size()];
    }

    void add(AgentStream agent, int port, Path sink) {
        agents.add(new AgentWatch(agent, stream.scenario().phases().size(), sink));
        clients.add(new AgentClient(port));
    }

    List<AgentWatch> agents() {
        return agents;
    }

    /** Returns when every frame has been answered and what the agents still had to send is on its way. */
    void run() throws IOException, InterruptedException {
        long start = System.nanoTime();
        long moved = start;
        int before = 0;
        while (!agents.stream().allMatch(AgentWatch::finished)) {
            Thread.sleep(POLL_MILLIS);
            fleet.check();
            look();
            int seen = seen();
            if (seen > before) {
                before = seen;
                moved = System.nanoTime();
            } else if (System.nanoTime() - moved > TimeUnit.SECONDS.toNanos(STALL_SECONDS)) {
                throw stalled();
            }
            say((System.nanoTime() - start) / 1_000_000_000L);
        }
        look();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
        while (System.nanoTime() < end
                && agents.stream().anyMatch(a -> a.status().spool().images() > 0)) {
            Thread.sleep(POLL_MILLIS);
            look();
        }
    }

    private DemoException stalled() throws IOException {
        for (AgentWatch agent : agents) {
            if (!agent.finished()) {
                String device = agent.stream().device();
                return new DemoException(device + " has answered " + agent.seen() + " of "
                        + agent.stream().frames() + " frames and nothing new for " + STALL_SECONDS + " s"
                        + fleet.lastLines(device));
            }
        }
        throw new IllegalStateException("nobody stalled");
    }

    private int seen() {
        return agents.stream().mapToInt(AgentWatch::seen).sum();
    }

    private void look() throws IOException, InterruptedException {
        for (int a = 0; a < agents.size(); a++) {
            AgentWatch agent = agents.get(a);
            agent.readSink();
            clients.get(a).status().ifPresent(agent::book);
        }
    }

    private void say(long seconds) {
        int phase = agents.stream()
                .flatMap(a -> a.phase().stream())
                .mapToInt(p -> p)
                .max()
                .orElse(-1);
        if (phase < 0) {
            progress.show("waiting for the agents to get their model (" + seconds + " s)");
            return;
        }
        if (phase != phaseSaid) {
            phaseSaid = phase;
            progress.say("--- " + stream.scenario().phases().get(phase).title());
        }
        for (int a = 0; a < agents.size(); a++) {
            List<UpdateMark> updates = agents.get(a).updates();
            for (; updatesSaid[a] < updates.size(); updatesSaid[a]++) {
                UpdateMark update = updates.get(updatesSaid[a]);
                if (update.recalled()) {
                    progress.say("    " + agents.get(a).stream().device() + ": the view came back, "
                            + (update.version().isEmpty() ? "the registered model" : "update " + update.version())
                            + " is in use again");
                } else if (!update.applied()) {
                    progress.say("    " + agents.get(a).stream().device() + ": update " + update.version() + " "
                            + update.event().toLowerCase(Locale.ROOT) + ": " + update.reason());
                }
            }
        }
        progress.show(line(phase, seconds));
    }

    private String line(int phase, long seconds) {
        int right = 0;
        int rightWithout = 0;
        int counted = 0;
        for (AgentWatch agent : agents) {
            int last = agent.newest();
            for (int f = last; f >= Math.max(0, last - 74); f--) {
                if (agent.has(f) && agent.stream().phase()[f] == phase) {
                    counted++;
                    right += agent.right(f) ? 1 : 0;
                    rightWithout += agent.rightWithoutAdaptation(f) ? 1 : 0;
                }
            }
        }
        long uploaded =
                agents.stream().mapToLong(a -> a.status().uploadedImages()).sum();
        long applied = agents.stream()
                .mapToLong(a -> a.updates().stream().filter(UpdateMark::applied).count())
                .sum();
        return String.format(
                Locale.ROOT,
                "%4d s  %-14s %6d/%d images  last %d: %5.1f %% right, without adaptation %5.1f %%  uploaded %d  updates %d",
                seconds,
                stream.scenario().phases().get(phase).title(),
                seen(),
                stream.frames(),
                counted,
                counted == 0 ? 0 : 100.0 * right / counted,
                counted == 0 ? 0 : 100.0 * rightWithout / counted,
                uploaded,
                applied);
    }
}
