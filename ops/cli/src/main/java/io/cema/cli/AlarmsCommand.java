package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.AlarmsApi;
import io.cema.client.api.AlarmsApi.APIAcknowledgeAlarmRequest;
import io.cema.client.api.AlarmsApi.APIClearAlarmRequest;
import io.cema.client.api.AlarmsApi.APIGetAlarmRequest;
import io.cema.client.api.AlarmsApi.APIListAlarmsRequest;
import io.cema.client.model.PageAlarmView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alarms}. */
@Command(name = "alarms", description = "What is wrong: drift, devices away, updates and rollouts that went wrong.")
final class AlarmsCommand extends Group {
    @Command(name = "list", description = "Lists them, newest first.")
    void list(
            @Option(
                            names = "--state",
                            paramLabel = "STATE",
                            defaultValue = "OPEN",
                            description = "OPEN, RAISED, ACKNOWLEDGED, CLEARED or ANY; ${DEFAULT-VALUE}.")
                    String state,
            @Option(names = "--type", paramLabel = "TYPE", description = "Such as DRIFT.") String type,
            @Option(names = "--cohort", paramLabel = "ID", description = "Those of one cohort.") String cohort,
            @Option(names = "--device", paramLabel = "ID", description = "Those of one device.") String device,
            @Mixin Paging paging)
            throws ApiException {
        cema().show(
                        paging.collect((from, size) -> {
                            PageAlarmView page = api().listAlarms(APIListAlarmsRequest.newBuilder()
                                    .state(state)
                                    .type(type)
                                    .cohort(cohort)
                                    .device(device)
                                    .limit(size)
                                    .offset(Paging.offset(from))
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "id",
                        "severity",
                        "state",
                        "raisedAt",
                        "type",
                        "signal",
                        "message");
    }

    @Command(name = "get", description = "One alarm with its evidence.")
    void get(@Parameters(paramLabel = "ID") String id) throws ApiException {
        cema().show(api().getAlarm(APIGetAlarmRequest.newBuilder().id(id).build()));
    }

    @Command(name = "acknowledge", description = "Says that somebody looks after it.")
    void acknowledge(@Parameters(paramLabel = "ID") String id) throws ApiException {
        cema().show(api().acknowledgeAlarm(
                        APIAcknowledgeAlarmRequest.newBuilder().id(id).build()));
    }

    @Command(name = "clear", description = "Says that it is well; of drift, that it is how it is now.")
    void clear(@Parameters(paramLabel = "ID") String id) throws ApiException {
        cema().show(api().clearAlarm(APIClearAlarmRequest.newBuilder().id(id).build()));
    }

    private AlarmsApi api() {
        return new AlarmsApi(cema().client());
    }
}
