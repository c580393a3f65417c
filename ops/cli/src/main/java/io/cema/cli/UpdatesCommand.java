package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.UpdatesApi;
import io.cema.client.api.UpdatesApi.APIGetUpdateRequest;
import io.cema.client.api.UpdatesApi.APIListUpdatesRequest;
import io.cema.client.model.PageUpdateView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code updates}. */
@Command(name = "updates", description = "Versions of normalisation parameters: published and refused.")
final class UpdatesCommand extends Group {
    @Command(name = "list", description = "A cohort's versions, newest first, refused ones included.")
    void list(
            @Option(names = "--cohort", required = true, paramLabel = "ID", description = "Whose.") String cohort,
            @Mixin Paging paging)
            throws ApiException {
        UpdatesApi api = api();
        cema().show(
                        paging.collect((from, size) -> {
                            PageUpdateView page = api.listUpdates(APIListUpdatesRequest.newBuilder()
                                    .cohort(cohort)
                                    .limit(size)
                                    .offset(Paging.offset(from))
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "version",
                        "verdict",
                        "bytes",
                        "step",
                        "samples",
                        "createdAt",
                        "reason");
    }

    @Command(name = "get", description = "One version: metrics, lineage, publications.")
    void get(@Parameters(paramLabel = "VERSION") String version) throws ApiException {
        cema().show(api().getUpdate(
                        APIGetUpdateRequest.newBuilder().version(version).build()));
    }

    private UpdatesApi api() {
        return new UpdatesApi(cema().client());
    }
}
