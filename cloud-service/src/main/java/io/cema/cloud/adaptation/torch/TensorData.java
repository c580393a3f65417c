package io.cema.cloud.adaptation.torch;

import io.cema.protocol.onnx.OnnxTensor;
import java.util.Iterator;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Moves numbers between Java arrays and tensors. What is handed out belongs to the caller's PointerScope, or is closed
 * by the caller.
 */
public final class TensorData {
    private TensorData() {}

    /** A float32 tensor on the CPU; {@code dims} empty for a scalar. The values are copied. */
    public static Tensor of(float[] values, long... dims) {
        try (PointerScope scope = new PointerScope()) {
            FloatPointer data = new FloatPointer(values);
            // The blob belongs to the pointer, which goes with this scope: hence the clone.
            return escape(scope, torch.from_blob(data, dims).clone());
        }
    }

    /** An int64 tensor on the CPU; {@code dims} empty for a scalar. The values are copied. */
    public static Tensor of(long[] values, long... dims) {
        try (PointerScope scope = new PointerScope()) {
            Tensor vector = torch.tensor(values);
            return escape(scope, vector.reshape(dims).clone());
        }
    }

    /** A constant of a graph: floats as float32, integers as int64, booleans as bool, on the CPU. */
    static Tensor of(OnnxTensor constant) {
        if (constant.type().isFloating()) {
            return of(constant.floats(), constant.dims());
        }
        Tensor integers = of(constant.longs(), constant.dims());
        return constant.type() == OnnxTensor.Type.BOOL ? integers.to(torch.ScalarType.Bool) : integers;
    }

    /** Values in row-major order, from whichever device. */
    public static float[] floats(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor plain = tensor.detach().cpu().to(torch.ScalarType.Float).contiguous();
            float[] values = new float[Math.toIntExact(plain.numel())];
            plain.data_ptr_float().get(values);
            return values;
        }
    }

    /** Values in row-major order, from whichever device. */
    public static long[] longs(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor plain = tensor.detach().cpu().to(torch.ScalarType.Long).contiguous();
            long[] values = new long[Math.toIntExact(plain.numel())];
            try (LongPointer data = plain.data_ptr_long()) {
                data.get(values);
            }
            return values;
        }
    }

    /** The tensor on that device. */
    static Tensor on(Tensor tensor, TorchSettings.Device device) {
        if (device == TorchSettings.Device.CPU) {
            return tensor;
        }
        try (PointerScope scope = new PointerScope()) {
            return escape(scope, tensor.to(new Device("cuda"), tensor.scalar_type()));
        }
    }

    /** Takes the tensor out of the scope about to close and gives it to the one around it, or to the caller. */
    static Tensor escape(PointerScope scope, Tensor tensor) {
        Iterator<PointerScope> scopes = PointerScope.getScopeIterator();
        while (scopes.hasNext() && scopes.next() != scope) {
            // Up to the scope itself; the next one is around it.
        }
        if (scopes.hasNext()) {
            scopes.next().attach(tensor);
        } else {
            tensor.retainReference();
        }
        scope.detach(tensor);
        return tensor;
    }
}
