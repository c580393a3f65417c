package io.cema.cloud.model;

import io.cema.cloud.http.ProblemException;

/** A range that lies beyond the end of the content. */
final class RangeException extends ProblemException {
    private final long size;

    RangeException(String range, long size) {
        super(
                416,
                "range-not-satisfiable",
                "Range not satisfiable",
                "range '" + range + "' lies beyond the end, the content has " + size + " bytes");
        this.size = size;
    }

    /** Of the whole content, in bytes. */
    long size() {
        return size;
    }
}
