package io.cema.cloud.persistence;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.function.Function;

/** Work on many things, one at a time: as over one connection, or to one topic. */
public final class OneByOne {
    private OneByOne() {}

    /** Each begins when the one before it has ended; where one fails, the rest is left. */
    public static <T> Uni<Void> each(Iterable<T> things, Function<T, Uni<?>> work) {
        return Multi.createFrom()
                .iterable(things)
                .onItem()
                .transformToUniAndConcatenate(work)
                .collect()
                .last()
                .replaceWithVoid();
    }
}
