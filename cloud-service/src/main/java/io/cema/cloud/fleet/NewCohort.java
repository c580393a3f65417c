package io.cema.cloud.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.cema.cloud.http.Ids;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A cohort to be made: of the devices on its list, of those its selector picks, or both. */
@Schema(description = "A cohort to be made")
public record NewCohort(
        @NotNull @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE) @Schema(example = "fog-east") String id,
        @NotNull @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE) @Schema(example = "signs") String pair,
        @Size(max = 10_000) @Schema(description = "Device ids; unknown ones are created")
                List<@NotNull @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE) String> devices,
        @Schema(description = "Devices that match come by themselves, now and later", example = "site=north,!old")
                Optional<String> selector,
        @Min(0)
                @Max(CohortSelector.LARGEST_PRIORITY)
                @Schema(
                        description =
                                "Where several selectors match, the smallest wins, then the oldest; 100 if absent")
                Integer priority,
        @Schema(
                        implementation = Object.class,
                        description = "Sections `selection`, `cadence`, `gate`, `learning` and the switch `adaptation`;"
                                + " what is absent has its default")
                JsonNode policy) {
    public NewCohort {
        devices = devices == null ? List.of() : List.copyOf(devices);
        selector = selector == null ? Optional.empty() : selector;
        priority = priority == null ? CohortSelector.DEFAULT_PRIORITY : priority;
        policy = policy == null ? JsonNodeFactory.instance.objectNode() : policy;
    }
}
