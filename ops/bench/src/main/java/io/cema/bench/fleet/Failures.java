package io.cema.bench.fleet;

import io.cema.bench.fleet.VirtualDevice.Surroundings;
import java.nio.file.Path;

/** What goes wrong in the field: devices that are cut off, and a broker that is killed. */
final class Failures {
    private static final double LONGEST_SECONDS = 400;
    /** More often than the share can have connected. */
    private static final long SHARE_RECONNECTS = 1_000;

    private final Stage stage;

    Failures(Stage stage) {
        this.stage = stage;
    }

    /**
     * A share of the devices moves into a process of its own, and this is killed: their wills say that they are gone. Then
     * they come back.
     */
    void loss(Surroundings around, Path folder) throws Exception {
        int lost = (int) (stage.fleet().size() * stage.options().lostShare);
        if (lost == 0) {
            return;
        }
        Phase phase = stage.begin("loss of " + lost + " devices");
        int first = stage.fleet().size() - lost;
        long connection = stage.fleet().devices().stream()
                .mapToLong(VirtualDevice::connection)
                .max()
                .orElse(0);
        stage.fleet().giveAway(lost);
        try (FleetShare share = FleetShare.start(
                around, stage.machine().publicKey(), first, lost, connection, stage.options().connectRate, folder)) {
            int[] seen = {0};
            stage.console()
                    .await(
                            "the share that will be lost",
                            LONGEST_SECONDS,
                            500,
                            () -> {
                                seen[0] = share.connected() < lost ? 0 : seen(first, "ONLINE", connection + 1);
                                return seen[0] == lost;
                            },
                            () -> seen[0] + " of " + lost + " are known to be online");
            share.kill();
            double offline = stage.console()
                    .await(
                            "wills",
                            stage.options().willDelay + LONGEST_SECONDS,
                            500,
                            () -> {
                                seen[0] = seen(first, "OFFLINE", connection + 1);
                                return seen[0] == lost;
                            },
                            () -> seen[0] + " of " + lost + " are known to be gone");
            phase.fact("goneAfterSeconds", offline);
            phase.fact("willDelaySeconds", stage.options().willDelay);
            if (offline < 0) {
                stage.faults().add(seen[0] + " of " + lost + " lost devices are known to be gone");
            }
        }
        int stillThere = stage.rightlyOnline();
        if (stillThere < first) {
            stage.faults().add("of " + first + " devices that were not lost " + stillThere + " are known to be online");
        }
        stage.fleet().takeBack(lost, connection + SHARE_RECONNECTS);
        phase.fact("backAfterSeconds", stage.awaitPresence(LONGEST_SECONDS));
        stage.end(phase);
    }

    private int seen(int first, String online, long leastConnection) throws Exception {
        var rows = stage.records().devices();
        int count = 0;
        for (int i = first; i < stage.fleet().size(); i++) {
            FleetRecords.Row row = rows.get(VirtualDevice.id(i));
            count += row.online().equals(online) && row.connection() >= leastConnection ? 1 : 0;
        }
        return count;
    }

    /** {@code kill -9} of the broker; all sessions are made anew. */
    void storm() throws Exception {
        Phase phase = stage.begin("broker restart");
        stage.machine().stack().killBroker();
        stage.machine().stack().startBroker();
        phase.fact("brokerBackAfterSeconds", phase.seconds());
        double connected = stage.console()
                .await(
                        "reconnect",
                        LONGEST_SECONDS,
                        () -> stage.fleet().count(VirtualDevice::connected)
                                == stage.fleet().size(),
                        () -> stage.fleet().count(VirtualDevice::connected) + " of "
                                + stage.fleet().size());
        if (connected < 0) {
            stage.faults().add("not all devices came back to the broker");
        }
        phase.fact("allConnectedAfterSeconds", phase.seconds());
        stage.awaitPresence(LONGEST_SECONDS);
        phase.fact("presenceRightAfterSeconds", phase.seconds());
        stage.console()
                .await("outbox", LONGEST_SECONDS, () -> stage.records().pending() == 0, () -> "has messages that wait");
        stage.end(phase);
    }
}
