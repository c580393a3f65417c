package io.cema.cloud.model;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of a content is asked for, by RFC 9110: the first byte and the last one, both included. A header that is not one
 * range of bytes is ignored, as the RFC says.
 */
record ByteRange(long first, long last) {
    private static final Pattern ONE_RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /** @param header of the request, or null */
    static ByteRange of(String header, long size) {
        Matcher range = header == null ? null : ONE_RANGE.matcher(header.strip());
        if (range == null
                || !range.matches()
                || (range.group(1).isEmpty() && range.group(2).isEmpty())) {
            return new ByteRange(0, size - 1);
        }
        if (range.group(1).isEmpty()) {
            long suffix = Long.parseLong(range.group(2));
            return new ByteRange(suffix == 0 ? size : Math.max(0, size - suffix), size - 1);
        }
        long first = Long.parseLong(range.group(1));
        long last = range.group(2).isEmpty() ? size - 1 : Long.parseLong(range.group(2));
        return last < first && !range.group(2).isEmpty()
                ? new ByteRange(0, size - 1)
                : new ByteRange(first, Math.min(last, size - 1));
    }

    boolean unsatisfiable() {
        return first > last;
    }

    boolean whole(long size) {
        return first == 0 && last == size - 1;
    }

    long length() {
        return last - first + 1;
    }
}
