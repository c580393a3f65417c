package io.cema.trt;

import io.cema.trt.BuildOptions.Refit;
import io.cema.trt.BuildOptions.Typing;
import io.cema.trt.TensorRtException.Reason;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvinfer.BuilderFlag;
import org.bytedeco.tensorrt.global.nvinfer.HardwareCompatibilityLevel;
import org.bytedeco.tensorrt.global.nvinfer.MemoryPoolType;
import org.bytedeco.tensorrt.global.nvinfer.NetworkDefinitionCreationFlag;
import org.bytedeco.tensorrt.global.nvinfer.OptProfileSelector;
import org.bytedeco.tensorrt.global.nvinfer.ProfilingVerbosity;
import org.bytedeco.tensorrt.global.nvonnxparser;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.IBuilder;
import org.bytedeco.tensorrt.nvinfer.IBuilderConfig;
import org.bytedeco.tensorrt.nvinfer.IHostMemory;
import org.bytedeco.tensorrt.nvinfer.INetworkDefinition;
import org.bytedeco.tensorrt.nvinfer.IOptimizationProfile;
import org.bytedeco.tensorrt.nvinfer.ITensor;
import org.bytedeco.tensorrt.nvonnxparser.IParser;
import org.bytedeco.tensorrt.nvonnxparser.IParserError;

/** One build: owns builder, network, parser and configuration for as long as it takes. */
final class PlanBuilder {
    private final Messages messages;
    private final BuildOptions options;
    private final Consumer<String> progress;
    /** Of the messages. */
    private final long started;

    PlanBuilder(Messages messages, BuildOptions options, Consumer<String> progress) {
        this.messages = messages;
        this.options = options;
        this.progress = progress;
        this.started = messages.now();
    }

    byte[] build(byte[] onnx, Set<String> refittable, Optional<Path> timingCache) {
        long start = System.nanoTime();
        // Closed in the opposite order: TensorRT wants the network gone before its builder. The file's bytes are copied
        // first and freed last, since the parser refers to weights in them.
        try (BytePointer bytes = new BytePointer(onnx);
                NativeHandle<IBuilder> builder = owned("the builder", nvinfer.createInferBuilder(messages));
                NativeHandle<INetworkDefinition> network =
                        owned("the network", builder.get().createNetworkV2(creationFlags()));
                NativeHandle<IParser> parser = parser(network.get());
                NativeHandle<IBuilderConfig> config =
                        owned("the builder's configuration", builder.get().createBuilderConfig())) {
            parse(parser.get(), bytes, onnx.length);
            progress.accept("parsed: " + network.get().getNbLayers() + " layers");
            if (options.refit() == Refit.NAMED) {
                markRefittable(network.get(), refittable);
            }
            configure(builder.get(), network.get(), config.get());
            try (TimingCache cache = TimingCache.open(config.get(), timingCache)) {
                progress.accept(cache.describe());
                byte[] plan = serialize(builder.get(), network.get(), config.get());
                cache.save();
                progress.accept("built: " + Cuda.mebibytes(plan.length) + " in "
                        + (System.nanoTime() - start) / 1_000_000_000L + " s");
                return plan;
            }
        }
    }

    private void markRefittable(INetworkDefinition network, Set<String> wanted) {
        int marked = 0;
        for (String name : wanted) {
            marked += network.markWeightsRefittable(name) ? 1 : 0;
        }
        progress.accept("refittable: " + marked + " of " + wanted.size() + " weights");
    }

    private int creationFlags() {
        return options.typing() == Typing.STRONG ? 1 << NetworkDefinitionCreationFlag.kSTRONGLY_TYPED.value : 0;
    }

    private <T extends Pointer> NativeHandle<T> owned(String what, T object) {
        if (object == null || object.isNull()) {
            throw failure(Reason.FAILED, "TensorRT cannot create " + what);
        }
        return new NativeHandle<>(what, object, CppObject::delete);
    }

    private NativeHandle<IParser> parser(INetworkDefinition network) {
        IParser parser = nvonnxparser.createParser(network, messages);
        if (parser == null || parser.isNull()) {
            throw failure(Reason.FAILED, "TensorRT cannot create the ONNX parser");
        }
        return new NativeHandle<>("the ONNX parser", parser, CppObject::deleteParser);
    }

    private void parse(IParser parser, BytePointer onnx, long length) {
        if (parser.parse(onnx, length)) {
            return;
        }
        StringBuilder why = new StringBuilder("TensorRT cannot take this ONNX file");
        for (int i = 0; i < parser.getNbErrors(); i++) {
            IParserError error = parser.getError(i);
            why.append(i == 0 ? ": " : "; ")
                    .append(named(error.nodeName(), error.node()))
                    .append(" (")
                    .append(error.nodeOperator())
                    .append("): ")
                    .append(error.desc());
        }
        throw new TensorRtException(Reason.MODEL_REJECTED, why.toString());
    }

    private static String named(String name, int index) {
        return name == null || name.isEmpty() ? "node number " + index : "node " + name;
    }

    private void configure(IBuilder builder, INetworkDefinition network, IBuilderConfig config) {
        if (options.typing() == Typing.QUANTIZED) {
            config.setFlag(BuilderFlag.kINT8);
        }
        if (options.typing() != Typing.STRONG) {
            config.setFlag(BuilderFlag.kFP16);
        }
        if (options.sparseWeights()) {
            config.setFlag(BuilderFlag.kSPARSE_WEIGHTS);
        }
        switch (options.refit()) {
            case ALL -> config.setFlag(BuilderFlag.kREFIT);
            case NAMED -> config.setFlag(BuilderFlag.kREFIT_INDIVIDUAL);
            case NONE -> {}
        }
        if (options.versionCompatible()) {
            config.setFlag(BuilderFlag.kVERSION_COMPATIBLE);
        }
        if (options.hardwareCompatible()) {
            config.setHardwareCompatibilityLevel(HardwareCompatibilityLevel.kAMPERE_PLUS);
        }
        if (options.workspaceBytes() > 0) {
            config.setMemoryPoolLimit(MemoryPoolType.kWORKSPACE, options.workspaceBytes());
        }
        config.setBuilderOptimizationLevel(options.optimizationLevel());
        // Tactic names, which alone tell whether a sparse kernel runs, stand in the plan only so.
        config.setProfilingVerbosity(ProfilingVerbosity.kDETAILED);
        profile(builder, network, config);
    }

    private void profile(IBuilder builder, INetworkDefinition network, IBuilderConfig config) {
        if (network.getNbInputs() != 1 || network.getNbOutputs() != 1) {
            throw new TensorRtException(
                    Reason.MODEL_REJECTED,
                    "the network needs one input and one output, has " + network.getNbInputs() + " and "
                            + network.getNbOutputs());
        }
        ITensor input = network.getInput(0);
        Dims64 dims = input.getDimensions();
        if (dims.d(0) >= 0) {
            requireFixedBatch(input.getName(), dims.d(0));
            return;
        }
        IOptimizationProfile profile = builder.createOptimizationProfile();
        set(profile, input, OptProfileSelector.kMIN, options.minBatch());
        set(profile, input, OptProfileSelector.kOPT, options.optBatch());
        set(profile, input, OptProfileSelector.kMAX, options.maxBatch());
        if (config.addOptimizationProfile(profile) < 0) {
            throw failure(
                    Reason.MODEL_REJECTED,
                    "TensorRT does not take batches " + options.minBatch() + " to " + options.maxBatch() + " for input "
                            + input.getName());
        }
    }

    private void requireFixedBatch(String input, long batch) {
        if (options.minBatch() != batch || options.maxBatch() != batch) {
            throw new TensorRtException(
                    Reason.MODEL_REJECTED,
                    "input " + input + " has a fixed batch of " + batch + ", and batches of " + options.minBatch()
                            + " to " + options.maxBatch() + " are asked for: export it with a dynamic batch");
        }
    }

    private static void set(IOptimizationProfile profile, ITensor input, OptProfileSelector which, int batch) {
        try (Dims64 dims = new Dims64(input.getDimensions())) {
            Engine.withBatch(dims, batch);
            if (!profile.setDimensions(input.getName(), which, dims)) {
                throw new TensorRtException(
                        Reason.MODEL_REJECTED, "only the batch of input " + input.getName() + " may be dynamic");
            }
        }
    }

    private byte[] serialize(IBuilder builder, INetworkDefinition network, IBuilderConfig config) {
        IHostMemory made = builder.buildSerializedNetwork(network, config);
        if (made == null || made.isNull()) {
            throw failure(Reason.FAILED, "TensorRT cannot build the engine");
        }
        try (NativeHandle<IHostMemory> memory = new NativeHandle<>("the plan", made, CppObject::delete)) {
            return bytes(memory.get());
        }
    }

    static byte[] bytes(IHostMemory memory) {
        byte[] bytes = new byte[Math.toIntExact(memory.size())];
        new BytePointer(memory.data()).capacity(memory.size()).get(bytes);
        return bytes;
    }

    private TensorRtException failure(Reason reason, String what) {
        return messages.failure(started, reason, what);
    }
}
