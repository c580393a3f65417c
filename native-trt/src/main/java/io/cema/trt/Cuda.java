package io.cema.trt;

import io.cema.trt.TensorRtException.Reason;
import java.util.Locale;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.cudart.cudaDeviceProp;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.SizeTPointer;

/** The calls of CUDA's runtime that are needed here, with errors as exceptions. */
final class Cuda {
    private static final int SUCCESS = 0;

    private Cuda() {}

    /** @param doing for the message: {@code cannot <doing>: <CUDA's word>} */
    static void check(int code, String doing) {
        if (code == SUCCESS) {
            return;
        }
        String said = cudart.cudaGetErrorString(code).getString();
        if (code == cudart.cudaErrorMemoryAllocation) {
            // Takes the error off this thread, which would otherwise show up at the next call.
            cudart.cudaGetLastError();
            throw new TensorRtException(Reason.OUT_OF_MEMORY, "cannot " + doing + ": " + said + " (" + memory() + ")");
        }
        throw new TensorRtException(Reason.FAILED, "cannot " + doing + ": " + said + " (CUDA error " + code + ")");
    }

    /** CUDA's present device is each thread's own: every call from outside begins with this. */
    static void use(int device) {
        check(cudart.cudaSetDevice(device), "use GPU " + device);
    }

    /** Free and whole memory of the present device, in words. */
    static String memory() {
        try (SizeTPointer free = new SizeTPointer(1);
                SizeTPointer total = new SizeTPointer(1)) {
            if (cudart.cudaMemGetInfo(free, total) != SUCCESS) {
                return "memory unknown";
            }
            return "GPU memory: " + mebibytes(free.get()) + " of " + mebibytes(total.get()) + " free";
        }
    }

    static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%,d MiB", Math.round(bytes / 1048576.0));
    }

    static Gpu describe(int device) {
        int[] driver = new int[1];
        int[] runtime = new int[1];
        check(cudart.cudaDriverGetVersion(driver), "ask for the driver's version");
        check(cudart.cudaRuntimeGetVersion(runtime), "ask for CUDA's version");
        try (cudaDeviceProp properties = new cudaDeviceProp()) {
            check(cudart.cudaGetDeviceProperties(properties, device), "ask for the properties of GPU " + device);
            byte[] bus = new byte[32];
            check(cudart.cudaDeviceGetPCIBusId(bus, bus.length, device), "ask where GPU " + device + " is");
            return new Gpu(
                    device,
                    properties.name().getString(),
                    properties.major() + "." + properties.minor(),
                    properties.totalGlobalMem(),
                    new String(bus, java.nio.charset.StandardCharsets.US_ASCII).trim(),
                    Gpu.version(driver[0]),
                    Gpu.version(runtime[0]));
        }
    }

    static NativeHandle<CUstream_st> stream() {
        CUstream_st stream = new CUstream_st();
        check(cudart.cudaStreamCreateWithFlags(stream, cudart.cudaStreamNonBlocking), "create a CUDA stream");
        return new NativeHandle<>("the CUDA stream", stream, cudart::cudaStreamDestroy);
    }

    static NativeHandle<CUevent_st> event() {
        CUevent_st event = new CUevent_st();
        check(cudart.cudaEventCreate(event), "create a CUDA event");
        return new NativeHandle<>("the CUDA event", event, cudart::cudaEventDestroy);
    }

    /** Page-locked host memory, which the GPU reads and writes without a copy in between. */
    static NativeHandle<FloatPointer> hostFloats(long count) {
        FloatPointer memory = new FloatPointer();
        check(
                cudart.cudaHostAlloc(memory, count * Float.BYTES, cudart.cudaHostAllocDefault),
                "lock " + mebibytes(count * Float.BYTES) + " of host memory");
        memory.capacity(count);
        return new NativeHandle<>("the host buffer", memory, cudart::cudaFreeHost);
    }

    static NativeHandle<FloatPointer> deviceFloats(long count) {
        FloatPointer memory = new FloatPointer();
        check(
                cudart.cudaMalloc(memory, count * Float.BYTES),
                "allocate " + mebibytes(count * Float.BYTES) + " of GPU memory");
        memory.capacity(count);
        return new NativeHandle<>("the GPU buffer", memory, cudart::cudaFree);
    }
}
