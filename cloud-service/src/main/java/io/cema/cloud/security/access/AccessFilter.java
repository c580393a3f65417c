package io.cema.cloud.security.access;

import io.cema.cloud.event.Actor;
import io.cema.cloud.event.AuditLog;
import io.cema.cloud.http.PlainPath;
import io.cema.cloud.http.ProblemAnswer;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.http.RequestFilters;
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
 * allow, and says who it is for the audit log.
 */
@ApplicationScoped
class AccessFilter {
    private static final Logger LOG = Logger.getLogger(AccessFilter.class);

    private final Access access;
    private final AuditLog audit;
    private final AccessRules rules;
    private final String tenant;

    AccessFilter(
            Access access,
            AuditLog audit,
            AccessSettings settings,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.access = access;
        this.audit = audit;
        this.rules = new AccessRules(settings.openArtefacts());
        this.tenant = tenant;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, RequestFilters.ACCESS);
    }

    private void check(RoutingContext request) {
        Optional<Role> needed = rules.needed(request.request().method().name(), PlainPath.of(request));
        if (needed.isEmpty() || access.open()) {
            request.next();
            return;
        }
        RequestFilters.after(
                request,
                access.caller(request.request().getHeader("Authorization"))
                        .call(caller -> require(request, caller, needed.get())),
                caller -> {
                    Actor.attach(request, caller.subject());
                    request.next();
                },
                failure -> ProblemAnswer.send(request, failure));
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
