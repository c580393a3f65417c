package io.cema.edge.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.operators.multi.processors.BroadcastProcessor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Predictions and the fate of updates as JSON texts for whoever listens. A listener that cannot keep up misses some;
 * the camera does not wait for it. Thread-safe.
 */
public final class PredictionStream implements PredictionSink {
    private final ObjectMapper json = new ObjectMapper();
    private final BroadcastProcessor<String> processor = BroadcastProcessor.create();
    private final AtomicInteger listeners = new AtomicInteger();

    @Override
    public void prediction(PredictionRecord prediction) {
        emit(prediction);
    }

    @Override
    public void update(UpdateRecord update) {
        emit(update);
    }

    /** What comes from now on. */
    public Multi<String> events() {
        return Multi.createFrom()
                .deferred(() -> {
                    listeners.incrementAndGet();
                    return processor.onTermination().invoke(() -> listeners.decrementAndGet());
                })
                .onOverflow()
                .dropPreviousItems();
    }

    private void emit(Object line) {
        if (listeners.get() == 0) {
            return;
        }
        try {
            String text = json.writeValueAsString(line);
            synchronized (processor) {
                processor.onNext(text);
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record that JSON cannot carry: " + line, e);
        }
    }
}
