package io.cema.cloud.event;

import io.cema.cloud.http.ProblemException;
import java.util.regex.Pattern;

/**
 * Where a watcher stands: behind event {@code id} of the database's transaction {@code transaction}. Events are shown in
 * this order. As text it is the {@code id} of a server-sent event: {@code 812.57}.
 *
 * @param id 0: before the transaction's first event
 */
record StreamPosition(long transaction, long id) implements Comparable<StreamPosition> {
    private static final Pattern TEXT = Pattern.compile("\\d{1,18}\\.\\d{1,18}");

    /** @throws ProblemException 400 */
    static StreamPosition parse(String text) {
        if (!TEXT.matcher(text).matches()) {
            throw ProblemException.invalid("Last-Event-ID is '" + text
                    + "'; it must be the id of an event of this stream, such as 812.57, or 0.0 for all that is kept");
        }
        int dot = text.indexOf('.');
        return new StreamPosition(Long.parseLong(text.substring(0, dot)), Long.parseLong(text.substring(dot + 1)));
    }

    StreamPosition latest(StreamPosition other) {
        return compareTo(other) >= 0 ? this : other;
    }

    @Override
    public int compareTo(StreamPosition other) {
        int byTransaction = Long.compare(transaction, other.transaction);
        return byTransaction == 0 ? Long.compare(id, other.id) : byTransaction;
    }

    @Override
    public String toString() {
        return transaction + "." + id;
    }
}
