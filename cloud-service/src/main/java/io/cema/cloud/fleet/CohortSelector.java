package io.cema.cloud.fleet;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Which devices a cohort follows. */
@Schema(description = "Which devices a cohort follows")
public record CohortSelector(
        @Schema(
                        description = "Absent or null: none, and those who came by the one before leave",
                        example = "site=north")
                Optional<String> selector,
        @Min(0)
                @Max(LARGEST_PRIORITY)
                @Schema(
                        description =
                                "Where several selectors match, the smallest wins, then the oldest; 100 if absent")
                Integer priority) {
    static final int DEFAULT_PRIORITY = 100;
    static final int LARGEST_PRIORITY = 1_000_000;

    public CohortSelector {
        selector = selector == null ? Optional.empty() : selector;
        priority = priority == null ? DEFAULT_PRIORITY : priority;
    }
}
