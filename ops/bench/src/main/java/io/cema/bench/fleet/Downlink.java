package io.cema.bench.fleet;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What goes down to all devices: an update that the cohort's loop made, another desired state, the way back. */
final class Downlink {
    private static final double LONGEST_SECONDS = 300;
    private static final int SAMPLES_PER_SECOND = 16;
    private static final int MOST_SAMPLES = 256;

    /**
     * Of the cohort: the update that is timed shall not be overtaken by the next, and it need not be a good one, since the
     * pictures show nothing.
     */
    static final Map<String, Object> POLICY = Map.of(
            "cadence",
            Map.of("minimumIntervalMillis", 120_000, "maximumIntervalMillis", 120_000),
            "gate",
            Map.of("agreementMargin", 1, "frozenMargin", 1, "entropyMargin", 10, "collapseMargin", 1));

    private final Stage stage;
    private int turn;

    Downlink(Stage stage) {
        this.stage = stage;
    }

    /** Uploads samples until the loop publishes an update, and follows this to the last device. */
    void update() throws Exception {
        Phase phase = stage.begin("update");
        Uploads uploads = new Uploads();
        stage.observer().acks(uploads);
        stage.observer().updates().clear();
        double published = stage.console()
                .await(
                        "uploads for the loop to learn from",
                        LONGEST_SECONDS,
                        1_000,
                        () -> {
                            upload(uploads);
                            return !stage.observer().updates().isEmpty();
                        },
                        () -> uploads.durable().size() + " samples are durable");
        stage.api().put(cohort("freeze"), Map.of());
        phase.fact("samples", uploads.durable().size());
        phase.fact("publishedAfterSeconds", published);
        if (published < 0) {
            stage.faults().add("the loop published no update in " + LONGEST_SECONDS + " s");
        } else {
            follow(phase);
        }
        stage.end(phase);
    }

    private void upload(Uploads uploads) {
        int room = MOST_SAMPLES - uploads.durable().size() - uploads.outstanding();
        for (int i = 0; i < Math.min(SAMPLES_PER_SECOND, room); i++) {
            VirtualDevice device = stage.fleet().device(turn);
            turn = (turn + 1) % stage.fleet().size();
            uploads.send(device, stage.pictures().next(), System.nanoTime());
        }
    }

    /** Until all have the update that came first, and the cloud knows it. */
    private void follow(Phase phase) throws Exception {
        Map.Entry<String, Arrivals> update =
                stage.observer().updates().entrySet().iterator().next();
        await("update", update.getValue());
        String version = update.getKey().substring(0, update.getKey().indexOf('/'));
        phase.fact("receivedAfterSigning", update.getValue().summary());
        phase.fact(
                "knownToRunItSeconds",
                stage.console()
                        .await(
                                "reports",
                                LONGEST_SECONDS,
                                500,
                                () -> running(version) == stage.fleet().size(),
                                () -> "not all yet"));
        phase.fact("publications", stage.observer().updates().size());
    }

    private long running(String version) throws Exception {
        return stage.records().devices().values().stream()
                .filter(row -> row.updateVersion().equals(version))
                .count();
    }

    /** Another policy: a desired state of its own for every device, in one transaction. */
    void desired() throws Exception {
        Phase phase = stage.begin("desired state");
        long began = System.currentTimeMillis();
        Arrivals arrivals = stage.observer().awaitDesired(began);
        Map<String, Object> policy = new HashMap<>(POLICY);
        policy.put("selection", Map.of("bytesPerDay", 5_000_000));
        stage.api().put(cohort("policy"), policy);
        phase.fact("requestSeconds", (System.currentTimeMillis() - began) / 1e3);
        await("desired state", arrivals);
        phase.fact("receivedAfterRequest", arrivals.summary());
        stage.end(phase);
    }

    /** All back on the registered model: a desired state for every device, then one update to all. */
    void rollback() throws Exception {
        Phase phase = stage.begin("rollback");
        stage.observer().updates().clear();
        long began = System.currentTimeMillis();
        Arrivals states = stage.observer().awaitDesired(began);
        stage.api().post(cohort("rollback"), Map.of("version", "base"));
        phase.fact("requestSeconds", (System.currentTimeMillis() - began) / 1e3);
        await("desired state", states);
        phase.fact("desiredStateAfterRequest", states.summary());
        stage.console()
                .await(
                        "update",
                        LONGEST_SECONDS,
                        () -> !stage.observer().updates().isEmpty(),
                        () -> "not published yet");
        Optional<Arrivals> update = stage.observer().updates().values().stream().findFirst();
        if (update.isEmpty()) {
            stage.faults().add("the way back was not published");
        } else {
            await("update", update.get());
            phase.fact("updateAfterSigning", update.get().summary());
            phase.fact("allBackSeconds", phase.seconds());
        }
        stage.end(phase);
    }

    private void await(String what, Arrivals arrivals) throws Exception {
        double seconds = stage.console()
                .await(
                        what + " to all",
                        LONGEST_SECONDS,
                        () -> arrivals.count() == stage.fleet().size(),
                        () -> arrivals.count() + " of " + stage.fleet().size());
        if (seconds < 0) {
            stage.faults().add(arrivals.count() + " of " + stage.fleet().size() + " devices got the " + what);
        }
    }

    private static String cohort(String path) {
        return "/api/v1/cohorts/" + Stage.COHORT + "/" + path;
    }
}
