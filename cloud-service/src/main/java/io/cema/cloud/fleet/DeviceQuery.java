package io.cema.cloud.fleet;

import io.cema.cloud.fleet.label.LabelSelector;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.http.QueryConditions;
import io.cema.cloud.http.SortOrder;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which devices a list has. What is absent restricts nothing.
 *
 * @param label selects by labels
 * @param model first digits of the digest of a model it runs
 * @param problem whether it reports one
 * @param prefix first characters of the id
 * @param sort see {@link SortOrder}
 */
record DeviceQuery(
        Optional<LabelSelector> label,
        Optional<String> cohort,
        Optional<String> presence,
        Optional<String> model,
        Optional<Boolean> problem,
        Optional<String> prefix,
        String status,
        String sort) {
    static final SortOrder ORDER = SortOrder.byUnique("id", "d.id")
            .with("createdAt", "d.created_at")
            .with("seenAt", "d.seen_at")
            .with("cohort", "d.cohort")
            .with("displayName", "d.display_name");
    private static final Set<String> PRESENCES = Set.of("ONLINE", "OFFLINE", "UNKNOWN");
    private static final Set<String> STATUSES = Set.of(Device.ACTIVE, Device.DECOMMISSIONED);
    private static final Pattern DIGITS = Pattern.compile("[0-9a-f]{1,64}");

    DeviceQuery {
        requireOneOf("status", status, STATUSES);
        presence.ifPresent(asked -> requireOneOf("presence", asked, PRESENCES));
        if (model.isPresent() && !DIGITS.matcher(model.get()).matches()) {
            throw ProblemException.invalid("model '" + model.get() + "' is not the beginning of a digest: give 1 to 64"
                    + " lower-case hex digits");
        }
    }

    /** @param presenceSql what tells the presence of device {@code d} */
    void restrict(QueryConditions conditions, String presenceSql) {
        conditions.and("d.status = " + conditions.parameter(status));
        label.ifPresent(selector -> conditions.and(selector.sql("d", conditions::parameter)));
        conditions
                .when(
                        cohort,
                        p -> "exists (select 1 from device_slot s where s.tenant = d.tenant and s.device = d.id"
                                + " and s.cohort = " + p + ")")
                .when(presence, p -> presenceSql + " = " + p)
                .when(prefix, p -> "starts_with(d.id, " + p + ")")
                .when(problem, p -> "(coalesce(d.reported->>'problem', '') <> '') = " + p)
                .when(
                        model,
                        p -> "exists (select 1 from jsonb_array_elements(d.reported->'slots') s"
                                + " where starts_with(s->>'modelDigest', " + p + "))");
    }

    private static void requireOneOf(String name, String value, Set<String> allowed) {
        if (!allowed.contains(value)) {
            throw ProblemException.invalid(name + " '" + value + "' is none of "
                    + allowed.stream().sorted().toList());
        }
    }
}
