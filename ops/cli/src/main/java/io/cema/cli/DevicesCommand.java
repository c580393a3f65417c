package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.CertificatesApi;
import io.cema.client.api.CertificatesApi.APIGetCertificateRequest;
import io.cema.client.api.CertificatesApi.APIRevokeCertificateRequest;
import io.cema.client.api.CohortsApi;
import io.cema.client.api.CohortsApi.APIAddCohortDeviceRequest;
import io.cema.client.api.CommandsApi;
import io.cema.client.api.CommandsApi.APIGiveCommandRequest;
import io.cema.client.api.CommandsApi.APIListCommandsRequest;
import io.cema.client.api.DevicesApi;
import io.cema.client.api.DevicesApi.APIAddDeviceSlotRequest;
import io.cema.client.api.DevicesApi.APIDecommissionDeviceRequest;
import io.cema.client.api.DevicesApi.APIGetDeviceRequest;
import io.cema.client.api.DevicesApi.APIListDevicesRequest;
import io.cema.client.api.DevicesApi.APIPatchDeviceRequest;
import io.cema.client.api.DevicesApi.APIRemoveDeviceSlotRequest;
import io.cema.client.model.Device;
import io.cema.client.model.DevicePatch;
import io.cema.client.model.NewCommand;
import io.cema.client.model.PageDevice;
import io.cema.client.model.PageDeviceCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code devices}. */
@Command(name = "devices", description = "Devices, their presence and their certificates.")
final class DevicesCommand extends Group {
    @Command(name = "list", description = "Lists the devices by id.")
    void list(
            @Option(names = "--cohort", paramLabel = "ID", description = "Those of one cohort.") String cohort,
            @Option(
                            names = "--label",
                            paramLabel = "SELECTOR",
                            description = "Such as site=north,floor!=2,gpu,!old or \"site in (a,b)\".")
                    String label,
            @Option(names = "--presence", paramLabel = "STATE", description = "ONLINE, OFFLINE or UNKNOWN.")
                    String presence,
            @Option(names = "--problem", negatable = true, description = "Those that report a problem.")
                    Boolean problem,
            @Option(names = "--sort", paramLabel = "FIELD", description = "Such as -seenAt.") String sort,
            @Mixin Paging paging)
            throws ApiException {
        DevicesApi api = new DevicesApi(cema().client());
        cema().show(
                        paging.collect((from, size) -> {
                            PageDevice page = api.listDevices(APIListDevicesRequest.newBuilder()
                                    .cohort(cohort)
                                    .label(label)
                                    .presence(presence)
                                    .problem(problem)
                                    .sort(sort)
                                    .limit(size)
                                    .offset(Paging.offset(from))
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "id",
                        "cohort",
                        "presence",
                        "labels",
                        "seenAt");
    }

    @Command(name = "get", description = "One device, with what it reported.")
    void get(@Parameters(paramLabel = "ID") String id) throws ApiException {
        cema().show(new DevicesApi(cema().client())
                .getDevice(APIGetDeviceRequest.newBuilder().id(id).build()));
    }

    @Command(name = "move", description = "Puts a device into a cohort, out of the one it may be in.")
    void move(
            @Parameters(paramLabel = "ID") String id,
            @Parameters(paramLabel = "COHORT", description = "Where it is put.") String cohort)
            throws ApiException {
        new CohortsApi(cema().client())
                .addCohortDevice(APIAddCohortDeviceRequest.newBuilder()
                        .id(cohort)
                        .device(id)
                        .build());
        cema().done(id + " is in cohort " + cohort);
    }

    @Command(name = "slots", description = "The models of a device, each with its cohort; its own cohort's first.")
    void slots(@Parameters(paramLabel = "ID") String id) throws ApiException {
        showSlots(new DevicesApi(cema().client())
                .getDevice(APIGetDeviceRequest.newBuilder().id(id).build()));
    }

    @Command(name = "add-slot", description = "Gives a device a further model: that of another cohort.")
    void addSlot(
            @Parameters(paramLabel = "ID") String id,
            @Parameters(paramLabel = "COHORT", description = "Whose model it is, and where it is adapted.")
                    String cohort)
            throws ApiException {
        showSlots(new DevicesApi(cema().client())
                .addDeviceSlot(APIAddDeviceSlotRequest.newBuilder()
                        .id(id)
                        .cohort(cohort)
                        .build()));
    }

    @Command(name = "remove-slot", description = "Takes a further model from a device.")
    void removeSlot(@Parameters(paramLabel = "ID") String id, @Parameters(paramLabel = "COHORT") String cohort)
            throws ApiException {
        showSlots(new DevicesApi(cema().client())
                .removeDeviceSlot(APIRemoveDeviceSlotRequest.newBuilder()
                        .id(id)
                        .cohort(cohort)
                        .build()));
    }

    private void showSlots(Device device) {
        cema().show(DeviceSlot.of(device), "cohort", "own", "model", "version", "engine");
    }

    @Command(name = "certificate", description = "The device's newest certificate.")
    void certificate(@Parameters(paramLabel = "ID") String id) throws ApiException {
        cema().show(new CertificatesApi(cema().client())
                .getCertificate(APIGetCertificateRequest.newBuilder().id(id).build()));
    }

    @Command(name = "revoke", description = "Revokes all certificates of a device: the broker puts it out.")
    void revoke(@Parameters(paramLabel = "ID") String id) throws ApiException {
        new CertificatesApi(cema().client())
                .revokeCertificate(
                        APIRevokeCertificateRequest.newBuilder().id(id).build());
        cema().done(id + " has no certificate any more");
    }

    @Command(name = "label", description = "Changes labels; cohorts with a selector follow.")
    void label(
            @Parameters(paramLabel = "ID", arity = "1..*", description = "One device or several.") List<String> ids,
            @Option(names = "--set", split = ",", paramLabel = "KEY=VALUE", description = "Sets a label.")
                    Map<String, String> set,
            @Option(names = "--remove", split = ",", paramLabel = "KEY", description = "Takes a label away.")
                    List<String> remove)
            throws ApiException {
        DevicePatch patch = new DevicePatch();
        if (set != null) {
            set.forEach(patch::putLabelsItem);
        }
        if (remove != null) {
            remove.forEach(key -> patch.putLabelsItem(key, null));
        }
        DevicesApi api = new DevicesApi(cema().client());
        List<Device> changed = new ArrayList<>();
        for (String id : ids) {
            changed.add(api.patchDevice(
                    APIPatchDeviceRequest.newBuilder().id(id).devicePatch(patch).build()));
        }
        cema().show(changed, "id", "labels", "cohort");
    }

    @Command(name = "decommission", description = "Ends a device: no cohort, no certificate, no rights.")
    void decommission(@Parameters(paramLabel = "ID") String id) throws ApiException {
        new DevicesApi(cema().client())
                .decommissionDevice(
                        APIDecommissionDeviceRequest.newBuilder().id(id).build());
        cema().done(id + " is decommissioned; a new claim brings it back");
    }

    @Command(name = "command", description = "Gives a device a command: ping, report, reload, roll-back ...")
    void command(
            @Parameters(paramLabel = "ID") String id,
            @Parameters(paramLabel = "NAME") String name,
            @Option(
                            names = "--timeout",
                            paramLabel = "SECONDS",
                            description = "How long it may wait for the device and its answer.")
                    Integer seconds)
            throws ApiException {
        cema().show(new CommandsApi(cema().client())
                .giveCommand(APIGiveCommandRequest.newBuilder()
                        .id(id)
                        .newCommand(new NewCommand().name(name).timeoutSeconds(seconds))
                        .build()));
    }

    @Command(name = "commands", description = "What a device was told, newest first, and what it answered.")
    void commands(@Parameters(paramLabel = "ID") String id, @Mixin Paging paging) throws ApiException {
        CommandsApi api = new CommandsApi(cema().client());
        cema().show(
                        paging.collect((from, size) -> {
                            PageDeviceCommand page = api.listCommands(APIListCommandsRequest.newBuilder()
                                    .id(id)
                                    .before(from)
                                    .limit(size)
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "id",
                        "name",
                        "state",
                        "message");
    }
}
