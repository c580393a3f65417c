package io.cema.cloud.security.access;

import io.cema.cloud.event.Actor;
import io.cema.cloud.event.AuditLog;
import io.cema.cloud.http.PlainPath;
import io.cema.cloud.http.ProblemAnswer;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.http.RequestFilters;
import io.cema.cloud.security.DeviceDownloads;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Stands before everything the HTTP server answers, framework's pages included: lets through whom {@link AccessRules}
 * allow, or a device to what it has to download, and says who it is for the audit log.
 */
@ApplicationScoped
class AccessFilter {
    private static final Logger LOG = Logger.getLogger(AccessFilter.class);
    private static final String NOTHING_SHOWN = "the request has no header `Authorization: Bearer TOKEN`, and its"
            + " connection no device's certificate: agents are enrolled and download over HTTPS (cema.cloud.url), people"
            + " send a token";

    private final Access access;
    private final AuditLog audit;
    private final DeviceDownloads downloads;
    private final AccessRules rules;
    private final String tenant;

    AccessFilter(
            Access access,
            AuditLog audit,
            DeviceDownloads downloads,
            AccessSettings settings,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.access = access;
        this.audit = audit;
        this.downloads = downloads;
        this.rules = new AccessRules(settings.openArtefacts());
        this.tenant = tenant;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, RequestFilters.ACCESS);
    }

    private void check(RoutingContext request) {
        String method = request.request().method().name();
        Optional<Role> needed = rules.needed(method, PlainPath.of(request));
        if (needed.isEmpty() || access.open()) {
            request.next();
            return;
        }
        RequestFilters.after(
                request,
                who(request, AccessRules.artefact(method, PlainPath.of(request)), needed.get()),
                who -> {
                    Actor.attach(request, who);
                    request.next();
                },
                failure -> ProblemAnswer.send(request, failure));
    }

    /** Who asks, if he may: a token counts before a certificate. */
    private Uni<String> who(RoutingContext request, Optional<String> artefact, Role needed) {
        String authorization = request.request().getHeader("Authorization");
        if (authorization == null && artefact.isPresent()) {
            return DeviceDownloads.shown(request)
                    .map(certificate -> downloads.allow(certificate, artefact.get()))
                    .orElseGet(() -> Uni.createFrom().failure(TokenVerifier.refused(NOTHING_SHOWN)))
                    .map(device -> "device:" + device);
        }
        return access.caller(authorization)
                .call(caller -> require(request, caller, needed))
                .map(Caller::subject);
    }

    private Uni<Void> require(RoutingContext request, Caller caller, Role needed) {
        String method = request.request().method().name();
        String path = PlainPath.of(request);
        if (!caller.tenant().equals(tenant)) {
            LOG.warnf(
                    "%s %s by %s of tenant %s refused: tenant %s is served",
                    method, path, caller.subject(), caller.tenant(), tenant);
            return Uni.createFrom()
                    .failure(new ProblemException(
                            403,
                            "foreign-tenant",
                            "Not your tenant",
                            "the token is for another tenant than is served"));
        }
        if (caller.role().covers(needed)) {
            return Uni.createFrom().voidItem();
        }
        ProblemException refusal = new ProblemException(
                403,
                "role-missing",
                "Not allowed",
                method + " " + path + " needs role " + needed.label() + ", the token has "
                        + caller.role().label());
        return audit.refused(tenant, Actor.attach(request, caller.subject()), method, path, refusal.status())
                .chain(() -> Uni.createFrom().failure(refusal));
    }
}
