package io.cema.cloud.model;

/** Of an artefact, the part that a response carries. */
record ArtefactBody(String digest, ByteRange part) {}
