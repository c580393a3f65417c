package io.cema.trt;

import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.IExecutionContext;
import org.jboss.logging.Logger;

/**
 * One execution context for one batch size: its own CUDA stream, page-locked buffers bound once, and a CUDA graph of copy
 * in, inference and copy out, so that an inference is one launch and allocates nothing. One graph for each context, since
 * a graph is of one shape. Belongs to one worker: not thread-safe.
 */
public final class InferenceRun implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(InferenceRun.class);

    private final Engine engine;
    private final int batch;
    /** Released last to first. */
    private final Deque<NativeHandle<?>> owned = new ArrayDeque<>();

    private final NativeHandle<IExecutionContext> context;
    private NativeHandle<CUstream_st> stream;
    private NativeHandle<FloatPointer> hostInput;
    private NativeHandle<FloatPointer> hostOutput;
    private NativeHandle<FloatPointer> deviceInput;
    private NativeHandle<FloatPointer> deviceOutput;
    private FloatBuffer input;
    private FloatBuffer output;

    private NativeHandle<CUgraphExec_st> graph;
    private int capturedAt = -1;
    private boolean capturable = true;
    private boolean closed;

    private InferenceRun(Engine engine, NativeHandle<IExecutionContext> context, int batch) {
        this.engine = engine;
        this.context = own(context);
        this.batch = batch;
    }

    static InferenceRun open(Engine engine, NativeHandle<IExecutionContext> context, int batch) {
        InferenceRun run = new InferenceRun(engine, context, batch);
        try {
            run.prepare();
            return run;
        } catch (RuntimeException e) {
            run.close();
            throw e;
        }
    }

    private void prepare() {
        long before = engine.messages().now();
        stream = own(Cuda.stream());
        hostInput = own(Cuda.hostFloats((long) batch * engine.inputLength()));
        hostOutput = own(Cuda.hostFloats((long) batch * engine.outputLength()));
        deviceInput = own(Cuda.deviceFloats((long) batch * engine.inputLength()));
        deviceOutput = own(Cuda.deviceFloats((long) batch * engine.outputLength()));
        input = hostInput.get().asBuffer();
        output = hostOutput.get().asBuffer();
        try (Dims64 shape = engine.inputShape(batch)) {
            if (!context.get().setInputShape(engine.input(), shape)
                    || !context.get().setTensorAddress(engine.input(), deviceInput.get())
                    || !context.get().setTensorAddress(engine.output(), deviceOutput.get())) {
                throw failure(before, "TensorRT does not take the buffers for batches of " + batch);
            }
        }
    }

    private <T> NativeHandle<T> own(NativeHandle<T> handle) {
        owned.push(handle);
        return handle;
    }

    public int batch() {
        return batch;
    }

    /** Page-locked, batch * {@link Engine#inputLength} floats; write it before {@link #run}. Valid until closed. */
    public FloatBuffer input() {
        requireOpen();
        return input;
    }

    /** Page-locked, batch * {@link Engine#outputLength} floats; holds the result after {@link #run}. Valid until closed. */
    public FloatBuffer output() {
        requireOpen();
        return output;
    }

    /**
     * Runs the whole batch and waits for it.
     *
     * @throws TensorRtException if it fails; the engine stays usable unless CUDA itself is lost
     * @throws IllegalStateException if closed, or while the engine is being refitted
     */
    public void run() {
        requireOpen();
        engine.use().enter();
        try {
            Cuda.use(engine.device());
            launch();
            Cuda.check(cudart.cudaStreamSynchronize(stream.get()), "finish an inference of " + batch);
        } finally {
            engine.use().leave();
        }
    }

    /**
     * Like {@link #run}, and says how long the GPU took from the beginning of the copy in to the end of the copy out. What
     * the caller waits beyond that is launching and waking up.
     *
     * @return milliseconds, by CUDA's events
     */
    public double runTimed() {
        requireOpen();
        // Events belong to the device that is present when they are made.
        Cuda.use(engine.device());
        engine.use().enter();
        try (NativeHandle<CUevent_st> begun = Cuda.event();
                NativeHandle<CUevent_st> ended = Cuda.event();
                FloatPointer milliseconds = new FloatPointer(1)) {
            Cuda.check(cudart.cudaEventRecord(begun.get(), stream.get()), "record an event");
            launch();
            Cuda.check(cudart.cudaEventRecord(ended.get(), stream.get()), "record an event");
            Cuda.check(cudart.cudaStreamSynchronize(stream.get()), "finish an inference of " + batch);
            Cuda.check(
                    cudart.cudaEventElapsedTime(milliseconds, begun.get(), ended.get()),
                    "read the time of an inference");
            return milliseconds.get();
        } finally {
            engine.use().leave();
        }
    }

    private void launch() {
        if (capturable && capturedAt != engine.refits()) {
            capture();
        }
        if (capturable) {
            Cuda.check(cudart.cudaGraphLaunch(graph.get(), stream.get()), "launch an inference of " + batch);
        } else {
            enqueue();
        }
    }

    private void enqueue() {
        long before = engine.messages().now();
        Cuda.check(
                cudart.cudaMemcpyAsync(
                        deviceInput.get(),
                        hostInput.get(),
                        (long) batch * engine.inputLength() * Float.BYTES,
                        cudart.cudaMemcpyHostToDevice,
                        stream.get()),
                "copy the input to the GPU");
        if (!context.get().enqueueV3(stream.get())) {
            throw failure(before, "TensorRT cannot enqueue an inference of " + batch);
        }
        Cuda.check(
                cudart.cudaMemcpyAsync(
                        hostOutput.get(),
                        deviceOutput.get(),
                        (long) batch * engine.outputLength() * Float.BYTES,
                        cudart.cudaMemcpyDeviceToHost,
                        stream.get()),
                "copy the output from the GPU");
    }

    /** TensorRT does put-off work at the first enqueue after a change of shape or weights: once without a graph, then with. */
    private void capture() {
        if (graph != null) {
            owned.remove(graph);
            graph.close();
            graph = null;
        }
        enqueue();
        Cuda.check(cudart.cudaStreamSynchronize(stream.get()), "finish a first inference of " + batch);
        CUgraph_st captured = new CUgraph_st();
        Cuda.check(
                cudart.cudaStreamBeginCapture(stream.get(), cudart.cudaStreamCaptureModeThreadLocal),
                "begin the capture of a CUDA graph");
        try {
            enqueue();
            Cuda.check(cudart.cudaStreamEndCapture(stream.get(), captured), "end the capture of a CUDA graph");
        } catch (TensorRtException e) {
            // A layer that cannot be captured, one that waits for the GPU for example: without a graph then.
            cudart.cudaStreamEndCapture(stream.get(), captured);
            cudart.cudaGetLastError();
            capturable = false;
            LOG.infof("no CUDA graph for batches of %d, each inference is enqueued anew: %s", batch, e.getMessage());
            return;
        }
        CUgraphExec_st executable = new CUgraphExec_st();
        try {
            Cuda.check(cudart.cudaGraphInstantiate(executable, captured, 0), "instantiate a CUDA graph");
        } finally {
            cudart.cudaGraphDestroy(captured);
        }
        graph = own(new NativeHandle<>("the CUDA graph", executable, cudart::cudaGraphExecDestroy));
        capturedAt = engine.refits();
    }

    private TensorRtException failure(long before, String what) {
        return engine.messages().failure(before, TensorRtException.Reason.FAILED, what);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this run is closed");
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        Cuda.use(engine.device());
        while (!owned.isEmpty()) {
            owned.pop().close();
        }
    }
}
