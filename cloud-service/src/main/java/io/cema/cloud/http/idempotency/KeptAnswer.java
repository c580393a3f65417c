package io.cema.cloud.http.idempotency;

import java.util.Map;
import java.util.Optional;

/**
 * An answer as it is given again.
 *
 * @param headers those that belong to the answer rather than to the connection
 * @param body absent if there was none, or if it held a secret
 * @param secret true: the body was not kept, since the answer was not to be stored
 */
record KeptAnswer(int status, Map<String, String> headers, Optional<byte[]> body, boolean secret) {
    KeptAnswer {
        headers = Map.copyOf(headers);
    }
}
