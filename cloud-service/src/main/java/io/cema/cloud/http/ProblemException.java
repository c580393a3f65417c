package io.cema.cloud.http;

/** An error to be told to the caller of a REST resource. */
public class ProblemException extends RuntimeException {
    private final int status;
    private final String kind;
    private final String title;

    /**
     * @param status HTTP status
     * @param kind short and stable, for programs: the last part of the problem's type
     * @param title short, the same for every problem of the kind
     * @param detail what was wrong, where, and what to do
     */
    public ProblemException(int status, String kind, String title, String detail) {
        super(detail);
        this.status = status;
        this.kind = kind;
        this.title = title;
    }

    public static ProblemException notFound(String detail) {
        return new ProblemException(404, "not-found", "Not found", detail);
    }

    public static ProblemException conflict(String detail) {
        return new ProblemException(409, "conflict", "In conflict with what exists", detail);
    }

    public static ProblemException invalid(String detail) {
        return new ProblemException(400, "invalid-request", "Invalid request", detail);
    }

    public static ProblemException unprocessable(String kind, String title, String detail) {
        return new ProblemException(422, kind, title, detail);
    }

    public int status() {
        return status;
    }

    public String kind() {
        return kind;
    }

    public String title() {
        return title;
    }
}
