package io.cema.edge.cloud;

import java.io.IOException;

/** The cloud must not, or cannot, be reached in the way that is set: trying again changes nothing. */
public final class CloudException extends IOException {
    CloudException(String message) {
        super(message);
    }

    CloudException(String message, Throwable cause) {
        super(message, cause);
    }
}
