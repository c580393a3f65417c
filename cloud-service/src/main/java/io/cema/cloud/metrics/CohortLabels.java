package io.cema.cloud.metrics;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Values of the label {@code cohort}: those seen first under their own names, so many as allowed, the rest as one. A fleet
 * that makes a cohort per site must not make the monitoring fall over. Any thread.
 */
@ApplicationScoped
public class CohortLabels {
    /** No cohort can be called so: names of cohorts have no dot. */
    public static final String OTHER = ".other";

    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private final int most;

    public CohortLabels(MetricsSettings settings) {
        this.most = settings.cohorts();
    }

    /** The cohort's name, or {@link #OTHER} if there are too many. */
    public String of(String cohort) {
        if (known.contains(cohort)) {
            return cohort;
        }
        synchronized (known) {
            return known.size() < most && known.add(cohort) || known.contains(cohort) ? cohort : OTHER;
        }
    }
}
