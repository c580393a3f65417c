package io.cema.cloud.ingest;

import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

/** What is to go, as conditions on the four tables over the same parameters. */
sealed interface ErasureScope {
    String samples();

    String parts();

    String deadLetters();

    /** Reports of statistics. */
    String reports();

    Tuple parameters();

    /** For the audit log. */
    String described();

    /** What was received before {@code before}. */
    record Old(Instant before) implements ErasureScope {
        @Override
        public String samples() {
            return "received_at < $1";
        }

        @Override
        public String parts() {
            return samples();
        }

        @Override
        public String deadLetters() {
            return samples();
        }

        @Override
        public String reports() {
            return samples();
        }

        @Override
        public Tuple parameters() {
            return Tuple.of(utc(Optional.of(before)));
        }

        @Override
        public String described() {
            return "until=" + before;
        }
    }

    /**
     * What a device or a cohort sent: samples taken or received in [from, until). When the images behind a part, a dead
     * letter or a report were taken is not known, so all go that came at {@code from} or later: too much rather than too little.
     */
    record Of(Optional<String> device, Optional<String> cohort, Optional<Instant> from, Optional<Instant> until)
            implements ErasureScope {
        /** Names the fourth parameter only so that its type is known. */
        private static final String SENDER = "($1::text is null or device = $1) and ($2::text is null or device in"
                + " (select s.device from device_slot s where s.cohort = $2) or device in (select device from sample where cohort = $2))"
                + " and ($3::timestamptz is null or received_at >= $3) and ($4::timestamptz is null or true)";

        @Override
        public String samples() {
            return "($1::text is null or device = $1) and ($2::text is null or cohort = $2)" + " and ("
                    + within("received_at") + " or captured_at is not null and " + within("captured_at") + ")";
        }

        private static String within(String time) {
            return "($3::timestamptz is null or " + time + " >= $3) and ($4::timestamptz is null or " + time + " < $4)";
        }

        @Override
        public String parts() {
            return SENDER;
        }

        @Override
        public String deadLetters() {
            return SENDER;
        }

        @Override
        public String reports() {
            return "($1::text is null or device = $1) and ($2::text is null or cohort = $2) and "
                    + "($3::timestamptz is null or received_at >= $3) and ($4::timestamptz is null or true)";
        }

        @Override
        public Tuple parameters() {
            return Tuple.of(device.orElse(null), cohort.orElse(null), utc(from), utc(until));
        }

        @Override
        public String described() {
            StringBuilder text = new StringBuilder();
            device.ifPresent(d -> text.append("&device=").append(d));
            cohort.ifPresent(c -> text.append("&cohort=").append(c));
            from.ifPresent(f -> text.append("&from=").append(f));
            until.ifPresent(u -> text.append("&until=").append(u));
            return text.substring(1);
        }
    }

    private static OffsetDateTime utc(Optional<Instant> time) {
        return time.map(t -> t.atOffset(ZoneOffset.UTC)).orElse(null);
    }
}
