package io.cema.cloud.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.cema.cloud.http.Ids;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Devices that share a pair of models and its adaptation. */
@Schema(description = "Devices that share a pair of models and its adaptation")
public record Cohort(
        @NotNull @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE) @Schema(example = "fog-east") String id,
        @NotNull @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE) @Schema(example = "signs") String pair,
        @Size(max = 10_000) @Schema(description = "Device ids; unknown ones are created")
                List<@NotNull @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE) String> devices,
        @Schema(
                        implementation = Object.class,
                        description =
                                "Sections `selection`, `cadence`, `gate`, `learning`, `guard` and the switch `adaptation`;"
                                        + " what is absent has its default")
                JsonNode policy) {
    public Cohort {
        devices = devices == null ? List.of() : List.copyOf(devices);
        policy = policy == null ? JsonNodeFactory.instance.objectNode() : policy;
    }
}
