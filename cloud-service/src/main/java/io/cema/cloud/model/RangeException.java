package io.cema.cloud.model;

import io.cema.cloud.http.ProblemException;

/** A range that lies beyond the end of the content. */
final class RangeException extends ProblemException {
    RangeException(String range, long size) {
        super(
                416,
                "range-not-satisfiable",
                "Range not satisfiable",
                "range '" + range + "' lies beyond the end, the content has " + size + " bytes");
    }
}
