package io.cema.edge;

import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.inference.tensorrt.TensorRtEngineFactory;
import io.cema.edge.inference.tensorrt.TensorRtSettings;
import io.cema.trt.TensorRt;
import io.cema.trt.TensorRtException;
import io.cema.trt.TensorRtException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Picks the engine at the start, and says why if it is not the wished one. */
final class EngineChoice {
    private static final Logger LOG = Logger.getLogger(EngineChoice.class);

    private EngineChoice() {}

    /**
     * @param dataDir the agent's; plans go below it
     * @throws TensorRtException if TensorRT is demanded and cannot be used
     */
    static EngineFactory of(EdgeSettings.Inference settings, Path dataDir) throws IOException {
        if (settings.engine() == EdgeSettings.Inference.Engine.ONNXRUNTIME) {
            return new OnnxRuntimeEngineFactory(settings.threads());
        }
        EdgeSettings.TensorRt wished = settings.tensorrt();
        TensorRt tensorRt;
        try {
            tensorRt = TensorRt.open(wished.device());
        } catch (TensorRtException e) {
            if (settings.engine() == EdgeSettings.Inference.Engine.TENSORRT || e.reason() != Reason.UNAVAILABLE) {
                throw e;
            }
            LOG.infof("running on ONNX Runtime. %s", e.getMessage());
            return new OnnxRuntimeEngineFactory(settings.threads(), Optional.of(e.getMessage()));
        }
        LOG.infof("running on %s: %s", tensorRt.gpu(), String.join(", ", tensorRt.libraries()));
        return new TensorRtEngineFactory(
                tensorRt,
                new OnnxRuntimeEngineFactory(settings.threads()),
                new TensorRtSettings(
                        dataDir.resolve("plans"),
                        wished.refit(),
                        wished.half(),
                        wished.maxBatch(),
                        wished.workers(),
                        wished.workspaceBytes()));
    }
}
