package io.cema.cloud.model;

import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when the bucket, if artefacts lie in one, answers within four seconds. */
@Readiness
final class ArtefactReadiness implements AsyncHealthCheck {
    private static final String NAME = "artefacts";
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    private final ArtefactStore store;

    ArtefactReadiness(ArtefactStore store) {
        this.store = store;
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        if (!(store instanceof S3ArtefactStore s3)) {
            return Uni.createFrom().item(answer(true, "files"));
        }
        return s3.reachable()
                .ifNoItem()
                .after(PATIENCE)
                .fail()
                .map(reached -> answer(true, "s3"))
                .onFailure()
                .recoverWithItem(e -> answer(false, String.valueOf(e.getMessage())));
    }

    private static HealthCheckResponse answer(boolean up, String state) {
        return HealthCheckResponse.named(NAME)
                .status(up)
                .withData("state", state)
                .build();
    }
}
