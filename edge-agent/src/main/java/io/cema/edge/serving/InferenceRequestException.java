package io.cema.edge.serving;

/** A request this agent does not answer; the message is for whoever sent it. */
public final class InferenceRequestException extends RuntimeException {
    private final Refusal refusal;

    public InferenceRequestException(Refusal refusal, String message) {
        super(message);
        this.refusal = refusal;
    }

    public static InferenceRequestException badRequest(String message) {
        return new InferenceRequestException(Refusal.BAD_REQUEST, message);
    }

    static InferenceRequestException notFound(String message) {
        return new InferenceRequestException(Refusal.NOT_FOUND, message);
    }

    static InferenceRequestException notReady() {
        return new InferenceRequestException(
                Refusal.UNAVAILABLE,
                "no model is in use yet; it comes with the device's desired state, see /v2/cema/status");
    }

    public Refusal refusal() {
        return refusal;
    }
}
