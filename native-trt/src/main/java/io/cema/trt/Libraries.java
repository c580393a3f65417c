package io.cema.trt;

import io.cema.trt.TensorRtException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvonnxparser;

/** Finds what TensorRT needs, one after the other, and says which was found and which one is missing. */
final class Libraries {
    /** Of the bindings; a library of another major version has other tables of functions. */
    private static final int MAJOR = nvinfer.NV_TENSORRT_MAJOR;

    private static List<String> loaded;

    /**
     * One step.
     *
     * @param name what is looked for
     * @param remedy what helps if it is missing
     * @param load loads it and says its version
     */
    record Step(String name, String remedy, Callable<String> load) {}

    private Libraries() {}

    /**
     * Loads them once per process; what was missing then stays missing until the next start.
     *
     * @return name and version of each
     * @throws TensorRtException if one is missing or does not fit
     */
    static synchronized List<String> load() {
        if (loaded == null) {
            loaded = walk(steps());
        }
        return loaded;
    }

    static List<String> walk(List<Step> steps) {
        List<String> found = new ArrayList<>();
        for (Step step : steps) {
            try {
                found.add(step.name() + " " + step.load().call());
            } catch (Exception | LinkageError e) {
                throw new TensorRtException(
                        Reason.UNAVAILABLE,
                        "TensorRT cannot be used: " + step.name() + ": " + Binding.innermost(e) + ". Found: "
                                + (found.isEmpty() ? "nothing so far" : String.join(", ", found)) + ". "
                                + step.remedy(),
                        e);
            }
        }
        return List.copyOf(found);
    }

    private static List<Step> steps() {
        return List.of(
                new Step(
                        "CUDA runtime",
                        "Install the NVIDIA driver and CUDA " + cudaOfBindings()
                                + " (on a Jetson both come with JetPack), or use another engine",
                        () -> {
                            Binding.load(cudart.class);
                            int[] version = new int[1];
                            Cuda.check(cudart.cudaRuntimeGetVersion(version), "ask for CUDA's version");
                            return Gpu.version(version[0]);
                        }),
                new Step(
                        "NVIDIA driver and GPU",
                        "Check the driver with nvidia-smi (on a Jetson with tegrastats)",
                        () -> {
                            int[] devices = new int[1];
                            Cuda.check(cudart.cudaGetDeviceCount(devices), "count the GPUs");
                            int[] driver = new int[1];
                            Cuda.check(cudart.cudaDriverGetVersion(driver), "ask for the driver's version");
                            if (devices[0] == 0) {
                                throw new IllegalStateException("the driver knows no GPU");
                            }
                            return "for CUDA " + Gpu.version(driver[0]) + ", " + devices[0] + " GPU"
                                    + (devices[0] == 1 ? "" : "s");
                        }),
                new Step(
                        "TensorRT library (libnvinfer.so." + MAJOR + ")",
                        "Install TensorRT " + MAJOR
                                + " with cuBLAS, cuDNN and NVRTC, which the bindings load beside it,"
                                + " or build this with -Ptensorrt, which brings TensorRT's libraries for x86-64",
                        () -> {
                            Binding.load(nvinfer.class);
                            return fitting(nvinfer.getInferLibVersion());
                        }),
                new Step(
                        "ONNX parser (libnvonnxparser.so." + MAJOR + ")",
                        "Install TensorRT's ONNX parser beside TensorRT",
                        () -> {
                            Binding.load(nvonnxparser.class);
                            return "of TensorRT " + tensorRtVersion();
                        }));
    }

    /** TensorRT 10.15.1 says 101501, TensorRT 8.6.1 said 8601. */
    private static String fitting(int number) {
        String version = tensorRtVersion();
        if (!version.startsWith(MAJOR + ".")) {
            throw new IllegalStateException(
                    "the library is version " + version + " (" + number + "), the bindings are for " + MAJOR + ".x");
        }
        return version;
    }

    static String tensorRtVersion() {
        return nvinfer.getInferLibMajorVersion() + "." + nvinfer.getInferLibMinorVersion() + "."
                + nvinfer.getInferLibPatchVersion();
    }

    private static String cudaOfBindings() {
        return Gpu.version(cudart.CUDART_VERSION);
    }
}
