package io.cema.cloud.security.access;

import io.cema.cloud.http.ProblemException;

/** Tells whose a token is. Any thread; may block. */
interface TokenVerifier {
    /** @throws ProblemException 401 if the token does not hold, 503 if that cannot be known now */
    Caller verify(String token);

    /** @param why for whom sent the token */
    static ProblemException refused(String why) {
        return new ProblemException(401, "not-authenticated", "Not authenticated", why);
    }
}
