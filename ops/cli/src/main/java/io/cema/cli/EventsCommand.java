package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.DevicesApi;
import io.cema.client.api.DevicesApi.APIListDeviceEventsRequest;
import io.cema.client.model.PageDeviceEventView;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code events}. */
@Command(name = "events", description = "What devices did, and what happens now.")
final class EventsCommand extends Group {
    @Command(name = "list", description = "What devices did with models and updates, newest first.")
    void list(
            @Option(names = "--device", paramLabel = "ID", description = "Of one device.") String device,
            @Mixin Paging paging)
            throws ApiException {
        DevicesApi api = new DevicesApi(cema().client());
        cema().show(
                        paging.collect((from, size) -> {
                            PageDeviceEventView page = api.listDeviceEvents(APIListDeviceEventsRequest.newBuilder()
                                    .device(device)
                                    .before(from)
                                    .limit(size)
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "receivedAt",
                        "device",
                        "type",
                        "subject",
                        "version",
                        "reason");
    }

    @Command(
            name = "watch",
            description = "What happens, as it happens, until it is stopped: a line, or a JSON object, per event.")
    void watch(
            @Option(names = "--type", paramLabel = "PREFIX", description = "The beginning of a type: rollout.")
                    String type,
            @Option(names = "--subject", paramLabel = "PREFIX", description = "The beginning of a subject: devices/")
                    String subject,
            @Option(names = "--after", paramLabel = "ID", description = "Behind this event; 0.0: all that is kept.")
                    String after,
            @Option(names = "--count", paramLabel = "N", description = "Ends after so many.") Integer count)
            throws ApiException, IOException, InterruptedException {
        new EventStream(cema().client(), type, subject, after)
                .read(event -> cema().event(event), count == null ? Long.MAX_VALUE : count);
    }
}
