package io.cema.cloud.drift;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;

/**
 * The evidence at which there is drift. Each stream makes an observation per interval at most, so streams * (mean time
 * between false alarms / interval) of them come before a false alarm is due: at that threshold for each stream they are, all
 * together, no more frequent than set. Any thread.
 */
@ApplicationScoped
class DriftThreshold {
    private static final long KEEP_NANOS = Duration.ofMinutes(1).toNanos();

    private final DriftSettings settings;
    private volatile Streams counted;

    private record Streams(long count, long nanos) {}

    DriftThreshold(DriftSettings settings) {
        this.settings = settings;
    }

    /** By the number of streams there are, counted once a minute. */
    Uni<Double> now(SqlConnection connection) {
        Streams last = counted;
        if (last != null && System.nanoTime() - last.nanos() < KEEP_NANOS) {
            return Uni.createFrom().item(of(last.count(), settings));
        }
        return connection.query("select count(*) from drift_stream").execute().map(rows -> {
            long streams = rows.iterator().next().getLong(0);
            counted = new Streams(streams, System.nanoTime());
            return of(streams, settings);
        });
    }

    static double of(long streams, DriftSettings settings) {
        double observations = (double) settings.falseAlarmInterval().toMillis()
                / Math.max(1, settings.interval().toMillis());
        return Math.max(1, streams) * Math.max(1, observations);
    }
}
