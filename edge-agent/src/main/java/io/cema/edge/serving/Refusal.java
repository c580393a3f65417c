package io.cema.edge.serving;

import java.util.OptionalInt;

/** Why a request is not answered, in the words of every protocol this agent speaks. */
public enum Refusal {
    /** The request contradicts the protocol or the model's signature. */
    BAD_REQUEST(400),
    /** No such model, version or path here. */
    NOT_FOUND(404),
    /** The body is above {@code cema.serving.max-body-bytes}. */
    TOO_LARGE(413),
    /** The body is of a type or encoding this endpoint does not read. */
    WRONG_TYPE(415),
    /** As many requests as the agent takes are in work or waiting; the same request will do later. */
    BUSY(429),
    /** No model is in use yet, or the agent is stopping. */
    UNAVAILABLE(503);

    private final int httpStatus;

    Refusal(int httpStatus) {
        this.httpStatus = httpStatus;
    }

    /** When the same request may do, in seconds; empty where it never will. */
    public OptionalInt retrySeconds() {
        return this == BUSY || this == UNAVAILABLE ? OptionalInt.of(1) : OptionalInt.empty();
    }

    public int httpStatus() {
        return httpStatus;
    }
}
