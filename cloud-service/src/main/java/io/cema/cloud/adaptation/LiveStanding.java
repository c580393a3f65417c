package io.cema.cloud.adaptation;

/** How the live version stands to the candidate that is to replace it. */
enum LiveStanding {
    /** Both are of one domain and rest on about as many uploads. */
    EQUAL,
    /** Of this domain, but the candidate rests on at least twice as many of its uploads. */
    OUTGROWN,
    /** The domain changed after it was published. */
    OF_ANOTHER_DOMAIN
}
