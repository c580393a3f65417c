package io.cema.cloud.adaptation;

import java.util.function.Supplier;

/** Books what a forward pass takes to its loop's {@link LoopTime}. */
interface ForwardTimer {
    <T> T timed(Supplier<T> pass);
}
