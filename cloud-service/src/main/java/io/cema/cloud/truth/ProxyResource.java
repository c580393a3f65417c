package io.cema.cloud.truth;

import io.cema.cloud.http.ProblemException;
import io.cema.cloud.http.QueryTime;
import io.smallrye.mutiny.Uni;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: how a cohort does over time, without labels. */
@Path("/api/v1/cohorts/{id}/proxies")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Truth")
class ProxyResource {
    private static final Duration DAY = Duration.ofDays(1);
    private static final int MOST_STEPS = 2000;

    private final Proxies proxies;

    ProxyResource(Proxies proxies) {
        this.proxies = proxies;
    }

    @GET
    @Operation(
            summary =
                    "A cohort's proxies of accuracy over time: entropy and agreement with the teacher, and its uploads",
            description = "One entry per step of time in which something was uploaded, oldest first.")
    @APIResponse(responseCode = "200", description = "At most " + MOST_STEPS + " steps")
    @APIResponse(responseCode = "400", description = "A parameter is out of its range, or asks for too many steps")
    @APIResponse(responseCode = "404", description = "No such cohort")
    public Uni<List<ProxyPoint>> list(
            @RestPath String id,
            @RestQuery @Parameter(description = "From here, 2026-01-31T12:00:00Z; absent: a day before the end")
                    Optional<String> since,
            @RestQuery @Parameter(description = "Before this; absent: now") Optional<String> until,
            @RestQuery @DefaultValue("60") @Min(1) @Max(86_400) @Parameter(description = "Length of a step in seconds")
                    int step) {
        Instant end = QueryTime.parse("until", until).orElseGet(Instant::now);
        Instant start = QueryTime.parse("since", since).orElseGet(() -> end.minus(DAY));
        long steps = Duration.between(start, end).toSeconds() / step;
        if (steps > MOST_STEPS) {
            throw ProblemException.invalid("from " + start + " to " + end + " there are " + steps + " steps of " + step
                    + " s; at most " + MOST_STEPS + " are given: raise `step`, or ask for less time");
        }
        return proxies.list(id, start, end, step);
    }
}
