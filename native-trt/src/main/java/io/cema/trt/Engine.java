package io.cema.trt;

import io.cema.trt.TensorRtException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.tensorrt.global.nvinfer.DataType;
import org.bytedeco.tensorrt.global.nvinfer.LayerInformationFormat;
import org.bytedeco.tensorrt.global.nvinfer.OptProfileSelector;
import org.bytedeco.tensorrt.global.nvinfer.TensorIOMode;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.ICudaEngine;
import org.bytedeco.tensorrt.nvinfer.IEngineInspector;
import org.bytedeco.tensorrt.nvinfer.IExecutionContext;

/**
 * A plan on the GPU: one float32 input, one float32 output, batch first. Any number of {@link InferenceRun}s may use it at
 * once; a refit needs it alone and fails at once if it is not. Thread-safe. Its owner closes the runs first.
 */
public final class Engine implements AutoCloseable {
    private final Gpu gpu;
    private final Messages messages;
    private final NativeHandle<ICudaEngine> engine;
    private final EngineUse use = new EngineUse();
    private final String input;
    private final String output;
    private final int inputLength;
    private final int outputLength;
    private final int minBatch;
    private final int maxBatch;
    /** Graphs captured before the last refit must not be launched any more. */
    private volatile int refits;

    Engine(Gpu gpu, ICudaEngine engine, Messages messages) {
        this.gpu = gpu;
        this.messages = messages;
        this.engine = new NativeHandle<>("the engine", engine, CppObject::delete);
        try {
            this.input = tensor(engine, TensorIOMode.kINPUT);
            this.output = tensor(engine, TensorIOMode.kOUTPUT);
            this.inputLength = length(engine, input);
            this.outputLength = length(engine, output);
            this.minBatch = Math.toIntExact(
                    engine.getProfileShape(input, 0, OptProfileSelector.kMIN).d(0));
            this.maxBatch = Math.toIntExact(
                    engine.getProfileShape(input, 0, OptProfileSelector.kMAX).d(0));
        } catch (RuntimeException e) {
            this.engine.close();
            throw e;
        }
    }

    private static String tensor(ICudaEngine engine, TensorIOMode mode) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < engine.getNbIOTensors(); i++) {
            String name = engine.getIOTensorName(i);
            if (engine.getTensorIOMode(name).intern() == mode) {
                names.add(name);
            }
        }
        if (names.size() != 1) {
            throw new TensorRtException(Reason.PLAN_REJECTED, "the plan needs one " + mode + ", has " + names);
        }
        DataType type = engine.getTensorDataType(names.get(0)).intern();
        if (type != DataType.kFLOAT) {
            throw new TensorRtException(
                    Reason.PLAN_REJECTED, names.get(0) + " is " + type + ": input and output must be float32");
        }
        return names.get(0);
    }

    private static int length(ICudaEngine engine, String tensor) {
        Dims64 dims = engine.getTensorShape(tensor);
        long length = 1;
        for (int i = 1; i < dims.nbDims(); i++) {
            length *= dims.d(i);
        }
        return Math.toIntExact(length);
    }

    static void withBatch(Dims64 dims, long batch) {
        dims.d(0, batch);
    }

    /** Floats of one input. */
    public int inputLength() {
        return inputLength;
    }

    /** Floats of one output. */
    public int outputLength() {
        return outputLength;
    }

    public int minBatch() {
        return minBatch;
    }

    public int maxBatch() {
        return maxBatch;
    }

    /**
     * Room for inferences of one batch size, with buffers and a stream of its own.
     *
     * @throws TensorRtException {@code OUT_OF_MEMORY}; the engine and its other runs go on
     */
    public InferenceRun newRun(int batch) {
        if (batch < minBatch || batch > maxBatch) {
            throw new IllegalArgumentException(
                    "the engine takes batches of " + minBatch + " to " + maxBatch + ", not " + batch);
        }
        Cuda.use(gpu.index());
        long before = messages.now();
        IExecutionContext context = engine.get().createExecutionContext();
        if (context == null || context.isNull()) {
            throw messages.failure(
                    before,
                    Reason.FAILED,
                    "no execution context for batches of " + batch + ", which needs "
                            + Cuda.mebibytes(engine.get().getDeviceMemorySizeV2()));
        }
        return InferenceRun.open(this, new NativeHandle<>("the context", context, CppObject::delete), batch);
    }

    /** What it is made of. */
    public LayerReport layers() {
        return LayerReport.parse(layerInformation());
    }

    /** TensorRT's own JSON, for records. */
    public String layerInformation() {
        IEngineInspector made = engine.get().createEngineInspector();
        try (NativeHandle<IEngineInspector> inspector = new NativeHandle<>("the inspector", made, CppObject::delete)) {
            return inspector.get().getEngineInformation(LayerInformationFormat.kJSON);
        }
    }

    /** GPU memory of one context, in bytes; weights not counted. */
    public long contextBytes() {
        return engine.get().getDeviceMemorySizeV2();
    }

    /** Names of the weights that {@link #refit} may change; those of the ONNX file's initialisers. */
    public List<String> refittable() {
        return engine.get().isRefittable() ? new WeightRefit(engine.get(), messages).names() : List.of();
    }

    /**
     * Changes weights. If it fails, the engine may be half changed and must be thrown away.
     *
     * @param weights float32 values by name
     * @throws IllegalStateException if runs are in flight: another engine has to take the traffic first
     * @throws TensorRtException {@code REFIT_REJECTED} with the name of the weight
     */
    public void refit(Map<String, float[]> weights) {
        Cuda.use(gpu.index());
        use.alone(() -> new WeightRefit(engine.get(), messages).apply(weights));
        refits++;
    }

    EngineUse use() {
        return use;
    }

    String input() {
        return input;
    }

    String output() {
        return output;
    }

    int refits() {
        return refits;
    }

    int device() {
        return gpu.index();
    }

    Dims64 inputShape(int batch) {
        Dims64 dims = new Dims64(engine.get().getTensorShape(input));
        withBatch(dims, batch);
        return dims;
    }

    Messages messages() {
        return messages;
    }

    @Override
    public void close() {
        if (use.close()) {
            engine.close();
        }
    }
}
