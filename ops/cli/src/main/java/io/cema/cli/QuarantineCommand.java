package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.QuarantineApi;
import io.cema.client.api.QuarantineApi.APIGetQuarantineRequest;
import io.cema.client.api.QuarantineApi.APIListQuarantinesRequest;
import io.cema.client.api.QuarantineApi.APIMoveQuarantineRequest;
import io.cema.client.api.QuarantineApi.APIReleaseQuarantineRequest;
import io.cema.client.model.CohortChoice;
import io.cema.client.model.PageQuarantineView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quarantine}. */
@Command(name = "quarantine", description = "Devices unlike their cohort: their samples are kept, not learnt from.")
final class QuarantineCommand extends Group {
    @Command(name = "list", description = "Lists them.")
    void list(
            @Option(names = "--cohort", paramLabel = "ID", description = "Those of one cohort.") String cohort,
            @Mixin Paging paging)
            throws ApiException {
        cema().show(
                        paging.collect((from, size) -> {
                            PageQuarantineView page = api().listQuarantines(APIListQuarantinesRequest.newBuilder()
                                    .cohort(cohort)
                                    .limit(size)
                                    .offset(Paging.offset(from))
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "device",
                        "cohort",
                        "state",
                        "samples",
                        "proposedCohort");
    }

    @Command(name = "get", description = "One device, and what sets it apart.")
    void get(@Parameters(paramLabel = "DEVICE") String device) throws ApiException {
        cema().show(api().getQuarantine(
                        APIGetQuarantineRequest.newBuilder().device(device).build()));
    }

    @Command(name = "release", description = "Learns from the device again, from what it has sent as well.")
    void release(@Parameters(paramLabel = "DEVICE") String device) throws ApiException {
        cema().show(api().releaseQuarantine(
                        APIReleaseQuarantineRequest.newBuilder().device(device).build()));
    }

    @Command(name = "move", description = "Puts the device into a cohort that fits it, made if there is none.")
    void move(@Parameters(paramLabel = "DEVICE") String device, @Parameters(paramLabel = "COHORT") String cohort)
            throws ApiException {
        cema().show(api().moveQuarantine(APIMoveQuarantineRequest.newBuilder()
                .device(device)
                .cohortChoice(new CohortChoice().cohort(cohort))
                .build()));
    }

    private QuarantineApi api() {
        return new QuarantineApi(cema().client());
    }
}
