package io.cema.edge.inference;

import io.cema.protocol.onnx.MeasuringGraph;

/** Opens engines of one kind; the place where the hardware is chosen. */
public interface EngineFactory extends AutoCloseable {
    /** The kind of engine this opens, as {@link InferenceEngine#name()} will say. */
    String engineName();

    /**
     * Loads a model.
     *
     * @param onnx an ONNX file with one float32 input [batch, 3, H, W] and one float32 output [batch, C]
     * @throws InferenceException if the engine cannot load it
     */
    InferenceEngine open(byte[] onnx);

    /** Whether {@link #measuring} can be used. */
    default boolean measures() {
        return false;
    }

    /**
     * Loads a model that measures itself, beside the ones that serve.
     *
     * @throws InferenceException if the engine cannot load it, or cannot measure at all
     */
    default StatisticsSession measuring(MeasuringGraph graph) {
        throw new InferenceException(engineName() + " makes no statistics; run the agent on ONNX Runtime"
                + " (cema.inference.engine=onnxruntime)");
    }

    /** Where two graphs are compared without serving from either: what loads fastest. */
    default EngineFactory forChecks() {
        return this;
    }

    /** What the factory itself holds; the engines are their owners'. */
    @Override
    default void close() {}
}
