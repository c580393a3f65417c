package io.cema.cloud.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A part of a list. */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Page<T>(
        List<T> items,
        @Schema(description = "Give this as the query parameter that asks for the following page; absent at the end")
                Optional<Long> next) {
    public static final int MAX_LIMIT = 500;

    /** A page of a list that is asked for by offset; {@code rows} has one more than {@code limit} if there is more. */
    public static <T> Page<T> byOffset(List<T> rows, int limit, int offset) {
        return rows.size() > limit
                ? new Page<>(rows.subList(0, limit), Optional.of((long) offset + limit))
                : new Page<>(rows, Optional.empty());
    }

    /** A page of a growing list, newest first, that is asked for by the last seen number. */
    public static <T> Page<T> byNumber(List<T> rows, int limit, Function<T, Long> number) {
        return rows.size() > limit
                ? new Page<>(rows.subList(0, limit), Optional.of(number.apply(rows.get(limit - 1))))
                : new Page<>(rows, Optional.empty());
    }
}
