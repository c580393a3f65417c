package io.cema.cloud.adaptation;

import java.time.Instant;
import java.util.Optional;

/**
 * A loop as the REST interface shows it.
 *
 * @param holder process that owns the lease, absent if nobody does
 * @param fencing token of the newest lease
 * @param step distillation steps made
 * @param revision of the newest publication, 0 before the first
 * @param status IDLE, READY, LEARNING or FAILED
 * @param problem what went wrong last, absent when it works
 * @param untrained uploads waiting for a step
 * @param trained uploads learnt from
 * @param heldBack uploads kept for judging
 */
record AdaptationView(
        String cohort,
        String modelDigest,
        String foundationDigest,
        Optional<String> holder,
        Optional<Instant> leaseExpiresAt,
        long fencing,
        long step,
        long revision,
        Optional<String> liveVersion,
        String status,
        Optional<String> problem,
        long untrained,
        long trained,
        long heldBack) {}
