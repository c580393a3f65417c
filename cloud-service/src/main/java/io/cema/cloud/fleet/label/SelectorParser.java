package io.cema.cloud.fleet.label;

import io.cema.cloud.http.ProblemException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads one selector, once. Every refusal names the character where it stopped. */
final class SelectorParser {
    private static final int LONGEST = 1000;
    private static final int MOST_REQUIREMENTS = 32;
    private static final int MOST_VALUES = 64;
    private static final String ENDS_A_WORD = ",()=!\"";
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._/:@+-]+");

    private final String text;
    private int at;

    SelectorParser(String text) {
        this.text = text;
    }

    List<LabelRequirement> parse() {
        if (text.length() > LONGEST) {
            throw wrong("has " + text.length() + " characters; at most " + LONGEST + " are read");
        }
        List<LabelRequirement> requirements = new ArrayList<>();
        do {
            if (requirements.size() == MOST_REQUIREMENTS) {
                throw expected("the end, after " + MOST_REQUIREMENTS + " requirements");
            }
            requirements.add(requirement());
        } while (take(","));
        skipSpace();
        if (at < text.length()) {
            throw expected("',' or the end");
        }
        return List.copyOf(requirements);
    }

    private LabelRequirement requirement() {
        if (take("!")) {
            return new LabelRequirement.Presence(key(), false);
        }
        String key = key();
        if (take("!=")) {
            return new LabelRequirement.Values(key, Set.of(value()), false);
        }
        if (take("==") || take("=")) {
            return new LabelRequirement.Values(key, Set.of(value()), true);
        }
        skipSpace();
        int before = at;
        String word = word();
        if (word.equals("in") || word.equals("notin")) {
            return new LabelRequirement.Values(key, values(), word.equals("in"));
        }
        at = before;
        if (!word.isEmpty()) {
            throw expected("'=', '==', '!=', 'in', 'notin', ',' or the end");
        }
        return new LabelRequirement.Presence(key, true);
    }

    private String key() {
        skipSpace();
        int start = at;
        String key = word();
        if (!Labels.isKey(key)) {
            at = start;
            throw expected("a key of 1 to 63 lower-case letters, digits, '.', '_', '/' or '-'");
        }
        return key;
    }

    private Set<String> values() {
        if (!take("(")) {
            throw expected("'('");
        }
        Set<String> values = new HashSet<>();
        do {
            values.add(value());
            if (values.size() > MOST_VALUES) {
                throw expected("')', after " + MOST_VALUES + " values");
            }
        } while (take(","));
        if (!take(")")) {
            throw expected("',' or ')'");
        }
        return values;
    }

    /** Up to what ends a word; empty is a value too. In quotes anything, with a backslash before a quote or backslash. */
    private String value() {
        skipSpace();
        int start = at;
        String value = at < text.length() && text.charAt(at) == '"' ? quotedValue() : word();
        if (!Labels.isValue(value)) {
            at = start;
            throw expected("a value of at most " + Labels.LONGEST_VALUE + " characters");
        }
        return value;
    }

    private String quotedValue() {
        StringBuilder value = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return value.toString();
            }
            if (c == '\\' && at + 1 < text.length()) {
                c = text.charAt(++at);
            }
            value.append(c);
        }
        throw expected("'\"'");
    }

    private String word() {
        int start = at;
        while (at < text.length()
                && ENDS_A_WORD.indexOf(text.charAt(at)) < 0
                && !Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return text.substring(start, at);
    }

    private boolean take(String symbol) {
        skipSpace();
        if (!text.startsWith(symbol, at)) {
            return false;
        }
        at += symbol.length();
        return true;
    }

    private void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private ProblemException expected(String what) {
        return wrong("at character " + (at + 1) + ": expected " + what + ", found "
                + (at < text.length() ? "'" + text.substring(at, Math.min(text.length(), at + 20)) + "'" : "the end"));
    }

    private ProblemException wrong(String why) {
        String shown = text.length() <= LONGEST ? text : text.substring(0, 40) + "...";
        return ProblemException.invalid(
                "label selector '" + shown + "' " + why + "; write it like site=north,floor!=2,gpu,!old,zone in (a,b)");
    }

    /** As {@link #value()} reads it. */
    static String quoted(String value) {
        return PLAIN.matcher(value).matches()
                ? value
                : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
