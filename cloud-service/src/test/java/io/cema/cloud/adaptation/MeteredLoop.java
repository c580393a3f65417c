package io.cema.cloud.adaptation;

import jakarta.enterprise.context.ApplicationScoped;

/** The series of a loop's cohort, as they are there once a process holds the loop. */
@ApplicationScoped
public class MeteredLoop {
    private final AdaptationMeters meters;

    MeteredLoop(AdaptationMeters meters) {
        this.meters = meters;
    }

    public void held(String cohort) {
        meters.of(new LoopKey("default", cohort, "0".repeat(64)));
    }
}
