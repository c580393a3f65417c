package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.CertificatesApi;
import io.cema.client.api.CertificatesApi.APIGetCertificateRequest;
import io.cema.client.api.CertificatesApi.APIRevokeCertificateRequest;
import io.cema.client.api.CohortsApi;
import io.cema.client.api.CohortsApi.APIAddCohortDeviceRequest;
import io.cema.client.api.DevicesApi;
import io.cema.client.api.DevicesApi.APIGetDeviceRequest;
import io.cema.client.api.DevicesApi.APIListDevicesRequest;
import io.cema.client.model.PageDevice;
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
            @Mixin Paging paging)
            throws ApiException {
        DevicesApi api = new DevicesApi(cema().client());
        cema().show(
                        paging.collect((from, size) -> {
                            PageDevice page = api.listDevices(APIListDevicesRequest.newBuilder()
                                    .cohort(cohort)
                                    .limit(size)
                                    .offset(Paging.offset(from))
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "id",
                        "cohort",
                        "presence",
                        "generation",
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
}
