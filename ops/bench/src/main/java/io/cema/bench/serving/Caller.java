package io.cema.bench.serving;

import java.io.IOException;

/** One client that asks for one prediction at a time. Not thread-safe; closed by its owner. */
interface Caller extends AutoCloseable {
    /**
     * Waits for the logits of one image.
     *
     * @param input CHW float32, preprocessed
     * @throws IOException no answer, or one that is no prediction; the message says which
     */
    void call(float[] input) throws IOException;

    @Override
    void close();
}
