package io.cema.cli;

import io.cema.client.ApiException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** How much of a list is shown; asks for it page by page. */
final class Paging {
    private static final int LARGEST_PAGE = 500;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "At most so many; ${DEFAULT-VALUE}.")
    private int limit;

    @Option(names = "--all", description = "All of them.")
    private boolean all;

    /**
     * A page as every list of the service has it.
     *
     * @param next where the following one begins, or null at the end
     */
    record Page<T>(List<T> items, Long next) {}

    /** Asks for one page. */
    interface Asks<T> {
        /** @param from offset or number of the page's beginning; null for the first page */
        Page<T> ask(Long from, int size) throws ApiException;
    }

    <T> List<T> collect(Asks<T> asks) throws ApiException {
        List<T> found = new ArrayList<>();
        int wanted = all ? Integer.MAX_VALUE : Math.max(limit, 1);
        Long from = null;
        do {
            Page<T> page = asks.ask(from, Math.min(wanted - found.size(), LARGEST_PAGE));
            found.addAll(page.items());
            from = page.next();
        } while (from != null && found.size() < wanted);
        return found;
    }

    /** Of lists that are asked for by offset. */
    static Integer offset(Long from) {
        return from == null ? null : Math.toIntExact(from);
    }
}
