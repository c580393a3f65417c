package io.cema.cloud.model;

import io.cema.cloud.http.ProblemException;

/** No artefact of that digest is stored. */
public final class ArtefactNotFoundException extends ProblemException {
    public ArtefactNotFoundException(String digest) {
        super(404, "artefact-not-found", "No such artefact", "no artefact with SHA-256 " + digest + " is stored");
    }
}
