package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.ReEnrolmentsApi;
import io.cema.client.api.ReEnrolmentsApi.APIDecideReEnrolmentRequest;
import io.cema.client.api.ReEnrolmentsApi.APIListReEnrolmentsRequest;
import io.cema.client.model.PageReEnrolment;
import io.cema.client.model.ReEnrolmentDecision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code re-enrolments}. */
@Command(name = "re-enrolments", description = "Devices whose certificate ran out, and that ask for another.")
final class ReEnrolmentsCommand extends Group {
    @Command(name = "list", description = "Lists who has asked.")
    void list(
            @Option(names = "--state", paramLabel = "STATE", description = "PENDING, APPROVED or REFUSED.")
                    String state,
            @Mixin Paging paging)
            throws ApiException {
        cema().show(
                        paging.collect((from, size) -> {
                            PageReEnrolment page = api().listReEnrolments(APIListReEnrolmentsRequest.newBuilder()
                                    .state(state)
                                    .limit(size)
                                    .offset(Paging.offset(from))
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "id",
                        "device",
                        "state",
                        "decidedBy");
    }

    @Command(name = "approve", description = "The device gets its certificate.")
    void approve(@Parameters(paramLabel = "ID") String id) throws ApiException {
        decide(id, true);
    }

    @Command(name = "refuse", description = "The device stays out.")
    void refuse(@Parameters(paramLabel = "ID") String id) throws ApiException {
        decide(id, false);
    }

    private void decide(String id, boolean approved) throws ApiException {
        cema().show(api().decideReEnrolment(APIDecideReEnrolmentRequest.newBuilder()
                .id(id)
                .reEnrolmentDecision(new ReEnrolmentDecision().approved(approved))
                .build()));
    }

    private ReEnrolmentsApi api() {
        return new ReEnrolmentsApi(cema().client());
    }
}
