package io.cema.cloud.model;

import io.cema.cloud.http.ProblemException;

/** No model of that digest is registered. */
public final class ModelNotFoundException extends ProblemException {
    public ModelNotFoundException(String digest) {
        super(
                404,
                "model-not-found",
                "No such model",
                "no model " + digest + " is registered; register it with POST /api/v1/models");
    }
}
