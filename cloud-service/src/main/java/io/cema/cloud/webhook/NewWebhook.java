package io.cema.cloud.webhook;

import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A receiver of events; {@code description} may be absent. */
@Schema(description = "A receiver of events")
record NewWebhook(
        @NotNull @Size(max = 2000) @Schema(example = "https://hooks.example.com/cema") String url,
        @NotEmpty
                @Size(max = 50)
                @Schema(
                        description =
                                "Types of live events; one that ends in a dot means all that begin so, * means all",
                        example = "[\"alarm.\"]")
                List<
                                @NotNull
                                @Pattern(
                                        regexp = "\\*|[a-z][a-z.-]{0,59}",
                                        message = "must be a type of event such as alarm.raised, its beginning up to a"
                                                + " dot, or *")
                                String>
                        events,
        @Size(max = 200) @Schema(example = "the night shift's pager") String description) {}
