package io.cema.cloud.adaptation;

/** How the live version stands to the candidate that is to replace it. */
enum LiveStanding {
    /** Both are of one domain and rest on about as many uploads. */
    EQUAL,
    /** Of this domain, but the candidate rests on at least twice as many of its uploads, or tells more domains apart. */
    OUTGROWN,
    /** The domain changed after it was published; or it is the registered model, and this is not the domain it was made for. */
    OF_ANOTHER_DOMAIN
}
