package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.AuditApi;
import io.cema.client.api.AuditApi.APIListAuditRequest;
import io.cema.client.model.PageAuditEntry;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code audit}. */
@Command(name = "audit", description = "Who did what to what, when, from where.")
final class AuditCommand extends Group {
    @Command(name = "list", description = "The audit log, newest first.")
    void list(
            @Option(names = "--who", paramLabel = "SUBJECT", description = "Of one caller.") String who,
            @Option(names = "--operation", paramLabel = "METHOD", description = "Such as PUT.") String operation,
            @Option(names = "--resource", paramLabel = "PATH", description = "The beginning of a path.")
                    String resource,
            @Option(names = "--since", paramLabel = "TIME", description = "Not before, such as 2026-12-31T12:00:00Z.")
                    String since,
            @Option(names = "--until", paramLabel = "TIME", description = "Before.") String until,
            @Mixin Paging paging)
            throws ApiException {
        AuditApi api = new AuditApi(cema().client());
        cema().show(
                        paging.collect((from, size) -> {
                            PageAuditEntry page = api.listAudit(APIListAuditRequest.newBuilder()
                                    .who(who)
                                    .operation(operation)
                                    .resource(resource)
                                    .since(since)
                                    .until(until)
                                    .before(from)
                                    .limit(size)
                                    .build());
                            return new Paging.Page<>(page.getItems(), page.getNext());
                        }),
                        "at",
                        "who",
                        "address",
                        "operation",
                        "resource",
                        "outcome",
                        "status");
    }
}
