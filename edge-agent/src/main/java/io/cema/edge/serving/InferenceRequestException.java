package io.cema.edge.serving;

/** A request this agent cannot answer, with the HTTP status that says why. */
final class InferenceRequestException extends RuntimeException {
    private final int status;

    private InferenceRequestException(int status, String message) {
        super(message);
        this.status = status;
    }

    static InferenceRequestException badRequest(String message) {
        return new InferenceRequestException(400, message);
    }

    static InferenceRequestException notFound(String message) {
        return new InferenceRequestException(404, message);
    }

    static InferenceRequestException notReady() {
        return new InferenceRequestException(
                503, "no model is in use yet; it comes with the device's desired state, see /v2/cema/status");
    }

    int status() {
        return status;
    }
}
