package io.cema.cloud.ingest;

/** Which rows of the table {@code sample} may be learnt from and judged on. */
public final class TrustedSamples {
    /**
     * A condition to add to others: not of a device that is set apart in the cohort. What a device had sent to a cohort
     * before it was moved out stays apart.
     */
    public static final String CONDITION =
            " and not exists (select 1 from quarantine q where q.tenant = sample.tenant and q.device = sample.device"
                    + " and q.cohort = sample.cohort and (q.state = 'QUARANTINED'"
                    + " or q.state = 'MOVED' and sample.received_at < q.decided_at))";

    private TrustedSamples() {}
}
