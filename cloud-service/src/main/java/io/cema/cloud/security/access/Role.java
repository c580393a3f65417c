package io.cema.cloud.security.access;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** What a caller may do; each may do what those before it may. */
enum Role {
    /** Reads the metrics and nothing else: for the monitoring, whose token lies about in its configuration. */
    @JsonProperty("monitor")
    MONITOR,
    /** Looks. */
    @JsonProperty("viewer")
    VIEWER,
    /** Changes what the fleet runs. */
    @JsonProperty("operator")
    OPERATOR,
    /** Decides who belongs to the fleet, who may call, and what is safe to publish. */
    @JsonProperty("admin")
    ADMIN;

    boolean covers(Role needed) {
        return compareTo(needed) >= 0;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The highest of those named; other names, of other applications' roles perhaps, count for nothing. */
    static Optional<Role> highest(Collection<?> names) {
        return Arrays.stream(values())
                .filter(role -> names.contains(role.label()))
                .max(Comparator.naturalOrder());
    }
}
