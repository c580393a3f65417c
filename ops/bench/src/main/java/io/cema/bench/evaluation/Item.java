package io.cema.bench.evaluation;

import io.cema.protocol.image.Image;

/**
 * One image of a stream.
 *
 * @param corruption name of the domain, {@code clean} for none
 * @param severity 1 to 5, 0 for none
 * @param visit 1 for the first time the domain comes in an episode, 2 for the second
 */
record Item(String corruption, int severity, int visit, Image image, int label) {
    Domain domain() {
        return new Domain(corruption, severity, visit);
    }

    /** Images that stand together in the report. */
    record Domain(String corruption, int severity, int visit) {}
}
