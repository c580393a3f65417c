package io.cema.bench.fleet;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * What the parts of a run work with.
 *
 * @param phases what was seen, in order; grows
 * @param faults what did not come right; grows
 */
record Stage(
        FleetOptions options,
        Machine machine,
        CloudApi api,
        FleetRecords records,
        Fleet fleet,
        Observer observer,
        Pictures pictures,
        Console console,
        List<Map<String, Object>> phases,
        List<String> faults) {
    static final String COHORT = "fleet";

    /** How many devices the cloud knows to be there, in the very session they have. */
    int rightlyOnline() throws SQLException {
        Map<String, FleetRecords.Row> rows = records.devices();
        return fleet.count(device -> {
            FleetRecords.Row row = rows.get(device.id());
            return row != null && row.online().equals("ONLINE") && row.connection() == device.connection();
        });
    }

    /**
     * Waits until the cloud knows all to be there.
     *
     * @return seconds, negative if it did not come to that
     */
    double awaitPresence(double longestSeconds) throws Exception {
        int[] right = {0};
        double seconds = console.await(
                "presence",
                longestSeconds,
                500,
                () -> {
                    right[0] = rightlyOnline();
                    return right[0] == fleet.size();
                },
                () -> right[0] + " of " + fleet.size() + " are known to be online");
        if (seconds < 0) {
            faults.add(right[0] + " of " + fleet.size() + " devices are known to be online, by their present session");
        }
        return seconds;
    }

    /** What the cloud answers over REST must be the same. */
    void requireAllOnlineByRest() throws Exception {
        Map<String, String> presences = api.presences(COHORT);
        long online = presences.values().stream().filter("ONLINE"::equals).count();
        if (online != fleet.size()) {
            faults.add("GET /api/v1/devices: " + online + " of " + fleet.size() + " devices are ONLINE");
        }
    }

    /** Ends the phase and keeps it. */
    void end(Phase phase) throws Exception {
        phase.fact("requestsRepeated", api.repeated());
        Map<String, Object> report = phase.end();
        phases.add(report);
        console.say(ReportText.line(report));
    }

    Phase begin(String name) throws Exception {
        console.say("--- " + name);
        return new Phase(name, machine);
    }
}
