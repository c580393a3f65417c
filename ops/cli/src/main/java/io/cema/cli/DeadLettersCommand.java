package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.DeadLettersApi;
import io.cema.client.api.DeadLettersApi.APIListDeadLettersRequest;
import io.cema.client.model.PageDeadLetterView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dead-letters}. */
@Command(name = "dead-letters", description = "Messages of devices that could not be processed.")
final class DeadLettersCommand extends Group {
    @Command(name = "list", description = "Lists dead letters, newest first.")
    void list(
            @Option(names = "--device", paramLabel = "ID", description = "Of one device.") String device,
            @Mixin Paging paging)
            throws ApiException {
        DeadLettersApi api = new DeadLettersApi(cema().client());
        cema().show(
                        paging.collect((from, size) -> {
                            PageDeadLetterView page = api.listDeadLetters(APIListDeadLettersRequest.newBuilder()
                                    .device(device)
                                    .before(from)
                                    .limit(size)
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "id",
                        "receivedAt",
                        "device",
                        "topic",
                        "reason");
    }
}
