package io.cema.cli;

/** What a command's end tells a program. */
enum ExitCode {
    DONE(0),
    FAILED(1),
    USAGE(2),
    NOT_FOUND(3),
    NO_RIGHTS(4),
    CONFLICT(5),
    UNREACHABLE(6);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /** @param status of HTTP; 0: there was no answer */
    static ExitCode of(int status) {
        return switch (status) {
            case 0, 502, 503, 504 -> UNREACHABLE;
            case 401, 403 -> NO_RIGHTS;
            case 404 -> NOT_FOUND;
            case 409, 412, 428 -> CONFLICT;
            default -> FAILED;
        };
    }
}
