package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.LoopsApi;
import io.cema.client.api.LoopsApi.APIListLoopsRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code loops}. */
@Command(name = "loops", description = "The adaptation loops of the cohorts.")
final class LoopsCommand extends Group {
    @Command(name = "list", description = "A cohort's loops.")
    void list(@Option(names = "--cohort", required = true, paramLabel = "ID", description = "Whose.") String cohort)
            throws ApiException {
        cema().show(
                        new LoopsApi(cema().client())
                                .listLoops(APIListLoopsRequest.newBuilder()
                                        .cohort(cohort)
                                        .build()),
                        "modelDigest",
                        "status",
                        "step",
                        "revision",
                        "untrained",
                        "trained",
                        "problem");
    }
}
