package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.CohortUpdatesApi;
import io.cema.client.api.CohortUpdatesApi.APIReturnFleetToBaseModelsRequest;
import picocli.CommandLine.Command;

/** {@code fleet}. */
@Command(name = "fleet", description = "The fleet as a whole.")
final class FleetCommand extends Group {
    @Command(
            name = "base-models",
            description = "Puts every device back on its registered model, and freezes every cohort until you"
                    + " `cohorts unfreeze` it.")
    void baseModels() throws ApiException {
        cema().show(new CohortUpdatesApi(cema().client())
                .returnFleetToBaseModels(
                        APIReturnFleetToBaseModelsRequest.newBuilder().build()));
    }
}
