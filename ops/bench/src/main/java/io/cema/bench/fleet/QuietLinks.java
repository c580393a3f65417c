package io.cema.bench.fleet;

import java.util.logging.Level;
import java.util.logging.Logger;

/** Keeps thousands of links from each saying when it connects and when it is lost. */
final class QuietLinks {
    /** Held, since a logger nobody holds forgets its level. */
    private static final Logger LINKS = Logger.getLogger("io.cema.protocol.mqtt");

    private QuietLinks() {}

    static void quiet() {
        LINKS.setLevel(Level.SEVERE);
    }
}
