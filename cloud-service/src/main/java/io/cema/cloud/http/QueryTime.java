package io.cema.cloud.http;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** Times in query parameters. */
public final class QueryTime {
    private QueryTime() {}

    /** @throws ProblemException 400 naming the parameter if it is there and no time */
    public static Optional<Instant> parse(String name, Optional<String> text) {
        try {
            return text.map(Instant::parse);
        } catch (DateTimeParseException e) {
            throw ProblemException.invalid("`" + name + "` is '" + text.orElseThrow()
                    + "', which is no time; write it as 2026-01-31T12:00:00Z");
        }
    }
}
