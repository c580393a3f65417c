package io.cema.ops.deployment;

import java.io.IOException;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The environment variables that name something the cloud service really reads. */
final class Keys {
    /** Of the configuration library: further files of settings. */
    private static final String FILES = "SMALLRYE_CONFIG_LOCATIONS";

    private static final Pattern VARIABLE = Pattern.compile("\\b(CEMA|QUARKUS|SMALLRYE)_[A-Z0-9_]+\\b");

    private Keys() {}

    static Set<String> ofCloud() throws IOException {
        return Stream.concat(
                        Stream.of(FILES),
                        ConfigurationReference.cloud().stream().map(Setting::variable))
                .collect(Collectors.toUnmodifiableSet());
    }

    static Set<String> ofEdge() throws IOException {
        return Stream.concat(
                        Stream.of(FILES), ConfigurationReference.edge().stream().map(Setting::variable))
                .collect(Collectors.toUnmodifiableSet());
    }

    static Set<String> namedIn(String text) {
        return VARIABLE.matcher(text)
                .results()
                .map(java.util.regex.MatchResult::group)
                .collect(Collectors.toSet());
    }
}
