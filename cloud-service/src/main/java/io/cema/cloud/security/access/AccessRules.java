package io.cema.cloud.security.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who may do what; the one place that says so. The first line that fits counts; where none does, reading needs a viewer
 * and all else an operator, so that a new endpoint is never open.
 */
final class AccessRules {
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");
    private static final String ANY = "*";

    private static final List<Line> TABLE = List.of(
            // Open: the operator's page, which asks for a token itself; health, and what devices prove by a claim or
            // the key of their certificate.
            open("GET", "/|/ui(/.*)?"),
            open("HEAD", "/|/ui(/.*)?"),
            open("GET", "/q/health(/.*)?"),
            open("POST", "/api/v1/enrolments"),
            open("POST", "/api/v1/devices/[^/]+/certificate"),
            open("POST", "/api/v1/re-enrolments"),
            // Numbers alone: of the whole, of cohorts, never of a device.
            monitor("GET", "/q/metrics"),
            // Who belongs to the fleet.
            admin("POST", "/api/v1/claims"),
            admin("DELETE", "/api/v1/claims/[^/]+"),
            admin("DELETE", "/api/v1/devices/[^/]+/certificate"),
            admin("DELETE", "/api/v1/devices/[^/]+"),
            admin("PUT", "/api/v1/re-enrolments/[^/]+/decision"),
            // What software devices run.
            admin("POST", "/api/v1/agent-releases(/.*)?"),
            admin("PUT", "/api/v1/agent-releases/.*"),
            admin("DELETE", "/api/v1/agent-releases/.*"),
            // Who may call, and who did.
            admin(ANY, "/api/v1/tokens(/.*)?"),
            admin(ANY, "/api/v1/audit(/.*)?"),
            // Where events leave the platform to.
            admin(ANY, "/api/v1/webhooks(/.*)?"),
            // What devices saw: only who works with images looks at them, and only an admin erases.
            operator(ANY, "/api/v1/samples/[^/]+/[^/]+/image"),
            admin("DELETE", "/api/v1/samples"),
            // What is safe to publish: a cohort is created with the policy that holds its gate.
            admin("POST", "/api/v1/cohorts"),
            admin("DELETE", "/api/v1/cohorts/[^/]+"),
            admin("PUT", "/api/v1/cohorts/[^/]+/policy"),
            // Past the judgement of the canaries.
            admin("POST", "/api/v1/update-rollouts/[^/]+/promote"));

    /** What devices read, too, by their certificate. */
    private static final Pattern ARTEFACT = Pattern.compile("/api/v1/artefacts/([^/]+)");

    private static final Line OPEN_ARTEFACTS = open("GET", ARTEFACT.pattern());

    private final List<Line> lines;

    private record Line(String method, Pattern path, Optional<Role> role) {
        boolean fits(String asked, String at) {
            return (method.equals(ANY) || method.equals(asked))
                    && path.matcher(at).matches();
        }
    }

    AccessRules(boolean openArtefacts) {
        lines = new ArrayList<>(TABLE);
        if (openArtefacts) {
            lines.add(OPEN_ARTEFACTS);
        }
    }

    /** The digest of the artefact that is asked for, which a device may have; empty for everything else. */
    static Optional<String> artefact(String method, String path) {
        Matcher matcher = ARTEFACT.matcher(path);
        return READING.contains(method) && matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** The role that is needed; empty for what is open to all. */
    Optional<Role> needed(String method, String path) {
        for (Line line : lines) {
            if (line.fits(method, path)) {
                return line.role();
            }
        }
        return Optional.of(READING.contains(method) ? Role.VIEWER : Role.OPERATOR);
    }

    private static Line open(String method, String path) {
        return new Line(method, Pattern.compile(path), Optional.empty());
    }

    private static Line monitor(String method, String path) {
        return new Line(method, Pattern.compile(path), Optional.of(Role.MONITOR));
    }

    private static Line operator(String method, String path) {
        return new Line(method, Pattern.compile(path), Optional.of(Role.OPERATOR));
    }

    private static Line admin(String method, String path) {
        return new Line(method, Pattern.compile(path), Optional.of(Role.ADMIN));
    }
}
