package io.cema.trt;

import io.cema.trt.TensorRtException.Reason;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.nvinfer.ICudaEngine;
import org.bytedeco.tensorrt.nvinfer.IRuntime;

/**
 * TensorRT on one GPU: builds plans and loads them as engines. Thread-safe; builds go one after the other. Engines must be
 * closed before it.
 */
public final class TensorRt implements AutoCloseable {
    private final List<String> libraries;
    private final Gpu gpu;
    /** Held as long as the runtime lives, which calls it. */
    private final Messages messages;

    private final NativeHandle<IRuntime> runtime;
    private final Object builds = new Object();

    private TensorRt(int device) {
        this.libraries = Libraries.load();
        Cuda.use(device);
        this.gpu = Cuda.describe(device);
        this.messages = new Messages();
        this.runtime = new NativeHandle<>("TensorRT", createRuntime(), CppObject::delete);
    }

    /** The first GPU, see {@link #open(int)}. */
    public static TensorRt open() {
        return open(0);
    }

    /**
     * Finds driver, libraries and the GPU of this index.
     *
     * @throws TensorRtException {@code UNAVAILABLE}: says what was found and what is missing
     */
    public static TensorRt open(int device) {
        return new TensorRt(device);
    }

    /** What a failed creation returns is not always null: with errors said meanwhile it must not be touched. */
    private IRuntime createRuntime() {
        long before = messages.now();
        IRuntime created = nvinfer.createInferRuntime(messages);
        if (created == null || created.isNull() || !messages.since(before).isEmpty()) {
            throw messages.failure(
                    before,
                    Reason.UNAVAILABLE,
                    "TensorRT does not start on " + gpu.name() + " (driver for CUDA " + gpu.driver() + ")");
        }
        return created;
    }

    /** Version of the library, e.g. {@code 10.15.1}. */
    public String version() {
        return Libraries.tensorRtVersion();
    }

    /** What was loaded, with versions. */
    public List<String> libraries() {
        return libraries;
    }

    public Gpu gpu() {
        return gpu;
    }

    /** Of a plan for this GPU and library. */
    public PlanKey key(String model, BuildOptions options) {
        return new PlanKey(model, version(), gpu.name() + " (" + gpu.computeCapability() + ")", options.canonical());
    }

    /**
     * Builds a plan; takes seconds to minutes and GPU memory beside what runs.
     *
     * @param onnx an ONNX file with one float32 input and one float32 output, batch first
     * @param refittable names of initialisers that may change later, with {@link BuildOptions.Refit#NAMED}. Those that
     *     TensorRT does not know as weights are passed over: {@link Engine#refittable} says what came of it
     * @param timingCache file of measured tactics, read and written; makes the next build faster
     * @param progress gets a line for each step. The bindings do not reach TensorRT's own progress monitor
     * @throws TensorRtException {@code MODEL_REJECTED} with the node's name, {@code OUT_OF_MEMORY}, {@code FAILED}
     */
    public byte[] build(
            byte[] onnx,
            BuildOptions options,
            Set<String> refittable,
            Optional<Path> timingCache,
            Consumer<String> progress) {
        runtime.get();
        synchronized (builds) {
            Cuda.use(gpu.index());
            return new PlanBuilder(messages, options, progress).build(onnx, refittable, timingCache);
        }
    }

    /**
     * Loads a plan.
     *
     * @throws TensorRtException {@code PLAN_REJECTED} if it is another version's, another GPU's or damaged; {@code
     *     OUT_OF_MEMORY}
     */
    public Engine load(byte[] plan) {
        Cuda.use(gpu.index());
        long before = messages.now();
        ICudaEngine engine;
        try (BytePointer bytes = new BytePointer(plan)) {
            engine = runtime.get().deserializeCudaEngine(bytes, plan.length);
        }
        if (engine == null || engine.isNull()) {
            throw messages.failure(before, Reason.PLAN_REJECTED, "TensorRT " + version() + " does not take the plan");
        }
        return new Engine(gpu, engine, messages);
    }

    @Override
    public void close() {
        runtime.close();
    }
}
