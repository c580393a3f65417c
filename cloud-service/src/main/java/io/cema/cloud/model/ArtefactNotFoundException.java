package io.cema.cloud.model;

/** No artefact of that digest is stored. */
public final class ArtefactNotFoundException extends RuntimeException {
    public ArtefactNotFoundException(String digest) {
        super("no artefact with SHA-256 " + digest + " is stored");
    }
}
