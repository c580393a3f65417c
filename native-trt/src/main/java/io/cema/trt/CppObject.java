package io.cema.trt;

import org.bytedeco.cuda.cudart.CUhostFn;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Deletes C++ objects that TensorRT made. TensorRT 10 wants {@code delete object} where it had {@code destroy()} before,
 * and the bindings know neither for what a factory function returned (javacpp-presets issue 1699). Its classes have virtual
 * destructors, so the object's own table of virtual functions says where {@code delete} begins: with the C++ ABI of Linux
 * on x86-64 and arm64 (Itanium) a virtual destructor takes two slots, and the second one destroys and frees.
 */
final class CppObject {
    /** The destructor is declared first: everything derived from {@code nvinfer1::INoCopy}. */
    private static final int FIRST_DECLARED = 1;
    /** {@code nvonnxparser::IParser} declares eight virtual functions before its destructor (TensorRT 10.0 to 10.15). */
    private static final int AFTER_EIGHT = 9;

    private CppObject() {}

    /** For objects of classes derived from {@code INoCopy}: runtime, engine, context, builder, refitter and so on. */
    static void delete(Pointer object) {
        delete(object, FIRST_DECLARED);
    }

    static void deleteParser(Pointer parser) {
        delete(parser, AFTER_EIGHT);
    }

    private static void delete(Pointer object, int slot) {
        long table = word(object.address());
        long destructor = word(table + (long) slot * Long.BYTES);
        // The bindings call a C function through a cell that holds its address.
        try (PointerPointer<Pointer> cell = new PointerPointer<>(2)) {
            cell.put(0, new Address(destructor)).put(1, (Pointer) null);
            new CUhostFn(cell).call(new Address(object.address()));
        }
    }

    private static long word(long address) {
        return new LongPointer(new Address(address)).get();
    }

    /** A place in memory that nobody here owns. */
    private static final class Address extends Pointer {
        Address(long where) {
            super((Pointer) null);
            address = where;
        }
    }
}
