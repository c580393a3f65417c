package io.cema.cloud;

import io.quarkus.test.junit.callback.QuarkusTestBeforeClassCallback;
import java.time.Duration;
import org.awaitility.Awaitility;

/**
 * Tests that wait look at once, and then ever more seldom, down to ten times a second. Awaitility's own first look is after a
 * tenth of a second, even where all is so already.
 */
public final class PromptWaiting implements QuarkusTestBeforeClassCallback {
    private static final long FIRST_MILLIS = 10;
    private static final long LONGEST_MILLIS = 100;

    @Override
    public void beforeClass(Class<?> testClass) {
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval((look, last) ->
                Duration.ofMillis(look > 4 ? LONGEST_MILLIS : Math.min(LONGEST_MILLIS, FIRST_MILLIS << (look - 1))));
    }
}
