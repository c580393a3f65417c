package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.UpdateRolloutsApi;
import io.cema.client.api.UpdateRolloutsApi.APIGetUpdateRolloutRequest;
import io.cema.client.api.UpdateRolloutsApi.APIListUpdateRolloutsRequest;
import io.cema.client.api.UpdateRolloutsApi.APIPromoteUpdateRolloutRequest;
import io.cema.client.api.UpdateRolloutsApi.APIRevokeUpdateRolloutRequest;
import io.cema.client.model.PageUpdateRolloutView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code update-rollouts}. */
@Command(name = "update-rollouts", description = "Updates under judgement at the canaries, and what became of them.")
final class UpdateRolloutsCommand extends Group {
    @Command(name = "list", description = "Lists them, newest first.")
    void list(
            @Option(names = "--cohort", paramLabel = "ID", description = "Those of one cohort.") String cohort,
            @Option(names = "--state", paramLabel = "STATE", description = "CANARY, PROMOTED, REVOKED or SUPERSEDED.")
                    String state,
            @Mixin Paging paging)
            throws ApiException {
        cema().show(
                        paging.collect((from, size) -> {
                            PageUpdateRolloutView page = api().listUpdateRollouts(
                                            APIListUpdateRolloutsRequest.newBuilder()
                                                    .cohort(cohort)
                                                    .state(state)
                                                    .limit(size)
                                                    .offset(Paging.offset(from))
                                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "version",
                        "cohort",
                        "state",
                        "canaries",
                        "decidedBy",
                        "reason");
    }

    @Command(name = "get", description = "One, with the evidence so far.")
    void get(@Parameters(paramLabel = "VERSION") String version) throws ApiException {
        cema().show(api().getUpdateRollout(
                        APIGetUpdateRolloutRequest.newBuilder().version(version).build()));
    }

    @Command(name = "promote", description = "Gives it to all devices, past the judgement.")
    void promote(@Parameters(paramLabel = "VERSION") String version) throws ApiException {
        cema().show(api().promoteUpdateRollout(APIPromoteUpdateRolloutRequest.newBuilder()
                .version(version)
                .build()));
    }

    @Command(name = "revoke", description = "Takes it back from the canaries.")
    void revoke(@Parameters(paramLabel = "VERSION") String version) throws ApiException {
        cema().show(api().revokeUpdateRollout(APIRevokeUpdateRolloutRequest.newBuilder()
                .version(version)
                .build()));
    }

    private UpdateRolloutsApi api() {
        return new UpdateRolloutsApi(cema().client());
    }
}
