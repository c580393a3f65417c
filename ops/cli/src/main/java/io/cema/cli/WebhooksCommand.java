package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.WebhooksApi;
import io.cema.client.api.WebhooksApi.APICreateWebhookRequest;
import io.cema.client.api.WebhooksApi.APIDeleteWebhookRequest;
import io.cema.client.api.WebhooksApi.APIListWebhookDeliveriesRequest;
import io.cema.client.api.WebhooksApi.APIListWebhooksRequest;
import io.cema.client.api.WebhooksApi.APITestWebhookRequest;
import io.cema.client.model.NewWebhook;
import io.cema.client.model.PageDeliveryView;
import io.cema.client.model.PageWebhookView;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code webhooks}. */
@Command(name = "webhooks", description = "Receivers that are told of events.")
final class WebhooksCommand extends Group {
    @Command(name = "list", description = "Lists them.")
    void list(@Mixin Paging paging) throws ApiException {
        cema().show(
                        paging.collect((from, size) -> {
                            PageWebhookView page = api().listWebhooks(APIListWebhooksRequest.newBuilder()
                                    .limit(size)
                                    .offset(Paging.offset(from))
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "id",
                        "url",
                        "events",
                        "pending",
                        "dead",
                        "deliveredAt");
    }

    @Command(name = "create", description = "Makes one. Its secret is shown this once.")
    void create(
            @Parameters(paramLabel = "URL", description = "https") String url,
            @Option(
                            names = "--events",
                            split = ",",
                            paramLabel = "TYPE",
                            defaultValue = "alarm.",
                            description = "Types of events, or their beginnings up to a dot; ${DEFAULT-VALUE}.")
                    List<String> events,
            @Option(names = "--description", paramLabel = "TEXT", description = "For people.") String description)
            throws ApiException {
        cema().show(api().createWebhook(APICreateWebhookRequest.newBuilder()
                .newWebhook(new NewWebhook().url(url).events(events).description(description))
                .build()));
    }

    @Command(name = "test", description = "Tells it an event of type webhook.test.")
    void test(@Parameters(paramLabel = "ID") String id) throws ApiException {
        cema().show(api().testWebhook(APITestWebhookRequest.newBuilder().id(id).build()));
    }

    @Command(name = "deliveries", description = "What it was told, and what came of it, newest first.")
    void deliveries(@Parameters(paramLabel = "ID") String id, @Mixin Paging paging) throws ApiException {
        cema().show(
                        paging.collect((before, size) -> {
                            PageDeliveryView page = api().listWebhookDeliveries(
                                            APIListWebhookDeliveriesRequest.newBuilder()
                                                    .id(id)
                                                    .before(before)
                                                    .limit(size)
                                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "id",
                        "eventType",
                        "state",
                        "attempts",
                        "status",
                        "problem");
    }

    @Command(name = "delete", description = "Ends it, with what waits for it.")
    void delete(@Parameters(paramLabel = "ID") String id) throws ApiException {
        api().deleteWebhook(APIDeleteWebhookRequest.newBuilder().id(id).build());
        cema().done("webhook " + id + " is told nothing any more");
    }

    private WebhooksApi api() {
        return new WebhooksApi(cema().client());
    }
}
