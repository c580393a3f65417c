package io.cema.ops.deployment;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The metrics of one PromQL expression, and the labels it asks of each. Not a parser: enough for what stands here. */
final class PromQl {
    private static final Pattern SELECTOR = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)\\s*(\\{[^}]*})?");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]\\w*)\\s*(=~|!~|!=|=)");
    private static final Pattern GROUPING = Pattern.compile("\\b(by|without|on|ignoring)\\s*\\(([^)]*)\\)");
    private static final Set<String> WORDS = Set.of("or", "and", "unless", "by", "bool", "Inf", "NaN");

    private PromQl() {}

    /** By metric the labels that its selectors name. */
    static Map<String, Set<String>> metrics(String expression) {
        String bare = GROUPING.matcher(expression).replaceAll(" ").replaceAll("\\[[^\\]]*]", " ");
        Map<String, Set<String>> found = new HashMap<>();
        Matcher selector = SELECTOR.matcher(bare);
        while (selector.find()) {
            String name = selector.group(1);
            boolean function = bare.substring(selector.end()).stripLeading().startsWith("(");
            boolean number = selector.start() > 0 && Character.isDigit(bare.charAt(selector.start() - 1));
            if (!function && !number && !WORDS.contains(name)) {
                Set<String> labels = found.computeIfAbsent(name, n -> new HashSet<>());
                if (selector.group(2) != null) {
                    LABEL.matcher(selector.group(2).replaceAll("\"[^\"]*\"", ""))
                            .results()
                            .forEach(label -> labels.add(label.group(1)));
                }
            }
        }
        return found;
    }

    /** Labels that the expression groups by. */
    static Set<String> groupedBy(String expression) {
        Set<String> labels = new HashSet<>();
        GROUPING.matcher(expression).results().forEach(grouping -> Arrays.stream(
                        grouping.group(2).split(","))
                .map(String::strip)
                .filter(label -> !label.isEmpty())
                .forEach(labels::add));
        return labels;
    }
}
