package io.cema.trt;

import io.cema.trt.TensorRtException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvinfer.DataType;
import org.bytedeco.tensorrt.nvinfer.ICudaEngine;
import org.bytedeco.tensorrt.nvinfer.IRefitter;
import org.bytedeco.tensorrt.nvinfer.Weights;

/** Changes weights of an engine by name. Whoever calls it has the engine alone, see {@link EngineUse}. */
final class WeightRefit {
    private final ICudaEngine engine;
    private final Messages messages;
    private final long before;

    WeightRefit(ICudaEngine engine, Messages messages) {
        this.engine = engine;
        this.messages = messages;
        this.before = messages.now();
    }

    /** What can be changed. */
    List<String> names() {
        try (NativeHandle<IRefitter> refitter = refitter()) {
            return strings(refitter.get()::getAllWeights);
        }
    }

    void apply(Map<String, float[]> weights) {
        List<FloatPointer> values = new ArrayList<>();
        try (NativeHandle<IRefitter> refitter = refitter()) {
            weights.forEach((name, floats) -> {
                FloatPointer copy = new FloatPointer(floats);
                values.add(copy);
                set(refitter.get(), name, copy, floats.length);
            });
            if (!refitter.get().refitCudaEngine()) {
                throw messages.failure(
                        before,
                        Reason.REFIT_REJECTED,
                        "TensorRT does not refit; missing are " + strings(refitter.get()::getMissingWeights));
            }
        } finally {
            // TensorRT reads them until the refit is done.
            values.forEach(FloatPointer::close);
        }
    }

    private void set(IRefitter refitter, String name, FloatPointer values, int count) {
        try (Weights weights = new Weights()) {
            weights.type(DataType.kFLOAT).values(values).count(count);
            if (!refitter.setNamedWeights(name, weights)) {
                Weights wanted = refitter.getWeightsPrototype(name);
                throw messages.failure(
                        before,
                        Reason.REFIT_REJECTED,
                        wanted.count() > 0
                                ? "weight " + name + " has " + count + " float32 values, the engine wants "
                                        + wanted.count() + " of "
                                        + wanted.type().intern()
                                : "the engine has no weight " + name + " that can be refitted");
            }
        }
    }

    private interface Names {
        int get(int size, PointerPointer<?> names);
    }

    /** TensorRT says how many there are if asked for none. */
    private static List<String> strings(Names names) {
        int count = names.get(0, null);
        try (PointerPointer<Pointer> pointers = new PointerPointer<>(Math.max(1, count))) {
            names.get(count, pointers);
            List<String> read = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                read.add(pointers.getString(i));
            }
            return List.copyOf(read);
        }
    }

    private NativeHandle<IRefitter> refitter() {
        IRefitter made = nvinfer.createInferRefitter(engine, messages);
        if (made == null || made.isNull()) {
            throw messages.failure(before, Reason.REFIT_REJECTED, "this engine was not built to be refitted");
        }
        return new NativeHandle<>("the refitter", made, CppObject::delete);
    }
}
