package io.cema.cloud.http;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fields a list can be sorted by, each with its column: nothing else reaches the statement. The last key is always one
 * that is unique, so that pages do not overlap. Immutable.
 */
public final class SortOrder {
    private static final int MOST_KEYS = 4;

    private final Map<String, String> columns;
    private final String unique;

    private SortOrder(Map<String, String> columns, String unique) {
        this.columns = columns;
        this.unique = unique;
    }

    /** Sorted by this where nothing is asked for, and last where something is. */
    public static SortOrder byUnique(String field, String column) {
        return new SortOrder(Map.of(field, column), column);
    }

    /** @param column an SQL expression that is no input */
    public SortOrder with(String field, String column) {
        Map<String, String> more = new LinkedHashMap<>(columns);
        more.put(field, column);
        return new SortOrder(more, unique);
    }

    /**
     * {@code order by ...} with a space before it.
     *
     * @param sort fields with commas between them, a minus before one that falls, such as {@code -createdAt,id}; empty:
     *     the default
     * @throws ProblemException 400 naming the field that is not one
     */
    public String orderBy(String sort) {
        List<String> keys = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String asked : sort.isBlank() ? new String[0] : sort.split(",", -1)) {
            boolean falling = asked.strip().startsWith("-");
            String field = falling ? asked.strip().substring(1) : asked.strip();
            String column = columns.get(field);
            if (column == null || !seen.add(field) || seen.size() > MOST_KEYS) {
                throw ProblemException.invalid("sort '" + sort + "': '" + field + "' is "
                        + (column == null ? "no field to sort by" : "one too many") + "; there are "
                        + columns.keySet().stream().sorted().toList() + ", each once, at most " + MOST_KEYS
                        + ", with '-' before one that falls");
            }
            keys.add(column + (falling ? " desc nulls last" : " asc nulls last"));
        }
        if (keys.stream().noneMatch(key -> key.startsWith(unique + " "))) {
            keys.add(unique);
        }
        return " order by " + String.join(", ", keys);
    }
}
