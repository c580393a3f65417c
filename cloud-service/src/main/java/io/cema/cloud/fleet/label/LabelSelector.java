package io.cema.cloud.fleet.label;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Picks devices by their labels, in a part of Kubernetes' syntax: requirements with commas between them, all of which must
 * hold. {@code site=north} (or {@code ==}), {@code floor!=2}, {@code gpu}, {@code !old}, {@code site in (a,b)}, {@code site
 * notin (a,b)}; {@code !=} and {@code notin} hold for a device without the label too. A value with other characters than
 * letters, digits and {@code ._/:@+-} may stand in double quotes. Immutable.
 */
public final class LabelSelector {
    private final List<LabelRequirement> requirements;

    private LabelSelector(List<LabelRequirement> requirements) {
        this.requirements = requirements;
    }

    /** @throws io.cema.cloud.http.ProblemException 400 naming the character where it is wrong; empty is wrong */
    public static LabelSelector parse(String text) {
        return new LabelSelector(new SelectorParser(text).parse());
    }

    public boolean matches(Map<String, String> labels) {
        return requirements.stream().allMatch(requirement -> requirement.holds(labels));
    }

    /**
     * The condition over table {@code device}: true for devices in service whose labels match, answered from the index over
     * labels. Values of the selector become parameters and never part of the statement.
     *
     * @param device alias of the table in the statement
     * @param parameter takes a value and gives what stands for it, such as
     *     {@link io.cema.cloud.http.QueryConditions#parameter}
     */
    public String sql(String device, Function<Object, String> parameter) {
        return device + ".status = 'ACTIVE' and "
                + requirements.stream().map(r -> r.sql(device, parameter)).collect(Collectors.joining(" and "));
    }

    /** In one spelling, which parses to the same. */
    @Override
    public String toString() {
        return requirements.stream().map(Object::toString).collect(Collectors.joining(","));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LabelSelector selector && requirements.equals(selector.requirements);
    }

    @Override
    public int hashCode() {
        return requirements.hashCode();
    }
}
