package io.cema.edge.serving;

/** Where predictions and the fate of updates go. Called from the frame thread and the update thread; must not block long. */
public interface PredictionSink {
    void prediction(PredictionRecord prediction);

    void update(UpdateRecord update);
}
