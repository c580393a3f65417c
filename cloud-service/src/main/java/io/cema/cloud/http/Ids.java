package io.cema.cloud.http;

/** The form of every id that may stand in a topic. */
public final class Ids {
    public static final String PATTERN = "[A-Za-z0-9_-]{1,30}";
    public static final String MESSAGE = "must be 1 to 30 letters, digits, '_' or '-'";

    private Ids() {}
}
