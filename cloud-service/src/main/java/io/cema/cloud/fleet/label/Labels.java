package io.cema.cloud.fleet.label;

import io.cema.cloud.http.ProblemException;
import java.util.Map;
import java.util.regex.Pattern;

/** The form of labels. */
public final class Labels {
    public static final int MOST = 32;
    static final int LONGEST_VALUE = 63;
    private static final Pattern KEY = Pattern.compile("[a-z0-9._/-]{1,63}");

    private Labels() {}

    static boolean isKey(String key) {
        return KEY.matcher(key).matches();
    }

    /** Up to 63 characters, none of them a control character. */
    static boolean isValue(String value) {
        return value.codePointCount(0, value.length()) <= LONGEST_VALUE
                && value.chars().noneMatch(Character::isISOControl);
    }

    /** @throws ProblemException 400 naming the label that is wrong */
    public static void requireValid(Map<String, String> labels) {
        if (labels.size() > MOST) {
            throw ProblemException.invalid("labels: a device has at most " + MOST + ", not " + labels.size());
        }
        labels.forEach((key, value) -> {
            if (!isKey(key)) {
                throw ProblemException.invalid(
                        "labels: key '" + key + "' must be 1 to 63 lower-case letters, digits, '.', '_', '/' or '-'");
            }
            if (value == null || !isValue(value)) {
                throw ProblemException.invalid("labels: value of '" + key + "' must be a text of at most "
                        + LONGEST_VALUE + " characters without control characters");
            }
        });
    }
}
