package io.cema.cloud.model;

/** No model of that digest is registered. */
public final class ModelNotFoundException extends RuntimeException {
    public ModelNotFoundException(String digest) {
        super("no model " + digest + " is registered; register it with POST /api/v1/models");
    }
}
