package io.cema.cloud.drift;

import io.cema.cloud.alarm.Alarms;
import io.cema.cloud.drift.DriftStream.Outcome;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;

/** Says of drift what operators can read. */
@ApplicationScoped
class DriftAlarms {
    private final Alarms alarms;

    DriftAlarms(Alarms alarms) {
        this.alarms = alarms;
    }

    /** What an observation changed, in its transaction. */
    Uni<Void> tell(SqlConnection connection, StoredStream stored, Outcome outcome, double threshold) {
        return switch (outcome) {
            case NONE -> Uni.createFrom().voidItem();
            case RETURNED -> alarms.clear(connection, stored.key().alarm(), "it is again as it was");
            case DRIFTED ->
                alarms.raise(connection, stored.key().alarm(), message(stored), evidence(stored, threshold))
                        .replaceWithVoid();
        };
    }

    /** The reference is gone, and with it what there was to return to. */
    Uni<Void> end(SqlConnection connection, StreamKey key, String reason) {
        return alarms.clear(connection, key.alarm(), reason);
    }

    private static String message(StoredStream stored) {
        DriftStream stream = stored.state().stream();
        String what =
                switch (stored.key().signal()) {
                    case ENTROPY -> "predictions are less certain than usual";
                    case CLASSES -> "classes are answered in other shares than usual";
                    case STATISTICS -> "normalisation layers see other values than usual";
                };
        String who = stored.key()
                .device()
                .map(device -> "device " + device + " in cohort ")
                .orElse("cohort ");
        return String.format(
                Locale.ROOT,
                "%s%s: %s (distance %.3f, usually %.3f)",
                who,
                stored.key().cohort(),
                what,
                stream.score(),
                stream.usual());
    }

    private static JsonObject evidence(StoredStream stored, double threshold) {
        DriftStream stream = stored.state().stream();
        return new JsonObject()
                .put("signal", stored.key().signal().name())
                .put("modelDigest", stored.modelDigest())
                .put("updateVersion", stored.version())
                .put("distance", stream.score())
                .put("usualDistance", stream.usual())
                .put("evidence", stream.evidence())
                .put("threshold", threshold)
                .put("observations", stream.observations())
                .put("referenceSince", stored.since().toString());
    }
}
