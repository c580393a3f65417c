package io.cema.cloud.compression;

import io.cema.protocol.onnx.OnnxModel;
import java.util.Optional;

/** A model that cannot be compressed, or training that failed; the message says what, where and what to do. */
public final class CompressionException extends RuntimeException {
    private final transient OnnxModel lastGood;

    public CompressionException(String message) {
        this(message, null);
    }

    CompressionException(String message, OnnxModel lastGood) {
        super(message);
        this.lastGood = lastGood;
    }

    /** What training had reached before it failed. */
    public Optional<OnnxModel> lastGood() {
        return Optional.ofNullable(lastGood);
    }
}
