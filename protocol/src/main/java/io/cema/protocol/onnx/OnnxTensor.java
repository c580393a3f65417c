package io.cema.protocol.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A constant of an ONNX graph: name, element type, sizes and values. Immutable; every array handed out is a copy. */
public final class OnnxTensor {
    /** Element types the platform reads. */
    public enum Type {
        FLOAT(TensorProto.DataType.FLOAT, 4),
        DOUBLE(TensorProto.DataType.DOUBLE, 8),
        FLOAT16(TensorProto.DataType.FLOAT16, 2),
        INT64(TensorProto.DataType.INT64, 8),
        INT32(TensorProto.DataType.INT32, 4),
        INT8(TensorProto.DataType.INT8, 1),
        UINT8(TensorProto.DataType.UINT8, 1),
        BOOL(TensorProto.DataType.BOOL, 1);

        private final TensorProto.DataType code;
        private final int bytes;

        Type(TensorProto.DataType code, int bytes) {
            this.code = code;
            this.bytes = bytes;
        }

        /** ONNX's number of this type, as the attribute {@code to} of Cast carries it. */
        public int code() {
            return code.getNumber();
        }

        /** True for FLOAT, DOUBLE and FLOAT16. */
        public boolean isFloating() {
            return this == FLOAT || this == DOUBLE || this == FLOAT16;
        }

        /** @throws OnnxFormatException if the platform does not read that type; {@code where} names the place */
        public static Type of(int code, String where) {
            for (Type type : values()) {
                if (type.code() == code) {
                    return type;
                }
            }
            TensorProto.DataType named = TensorProto.DataType.forNumber(code);
            throw new OnnxFormatException(where + " has element type " + (named == null ? code : named)
                    + ", which is not supported; export the model in float32");
        }
    }

    private final String name;
    private final Type type;
    private final long[] dims;
    /** Values in row-major order, little-endian: the file's own raw form. */
    private final ByteString raw;

    private OnnxTensor(String name, Type type, long[] dims, ByteString raw) {
        this.name = name;
        this.type = type;
        this.dims = dims;
        this.raw = raw;
        long wanted = Math.multiplyExact(elements(name, dims), (long) type.bytes);
        if (raw.size() != wanted) {
            throw new OnnxFormatException("tensor " + name + " of shape " + Arrays.toString(dims) + " needs " + wanted
                    + " bytes, the file has " + raw.size() + "; the file is damaged or incomplete");
        }
    }

    /** A float32 tensor. {@code dims} empty for a scalar. */
    public static OnnxTensor of(String name, float[] values, long... dims) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return new OnnxTensor(name, Type.FLOAT, dims.clone(), ByteString.copyFrom(buffer));
    }

    /** An int64 tensor. {@code dims} empty for a scalar. */
    public static OnnxTensor of(String name, long[] values, long... dims) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asLongBuffer().put(values);
        return new OnnxTensor(name, Type.INT64, dims.clone(), ByteString.copyFrom(buffer));
    }

    /** An int32 tensor. {@code dims} empty for a scalar. */
    public static OnnxTensor of(String name, int[] values, long... dims) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asIntBuffer().put(values);
        return new OnnxTensor(name, Type.INT32, dims.clone(), ByteString.copyFrom(buffer));
    }

    /** A tensor of one-byte elements: {@link Type#INT8}, {@link Type#UINT8} or {@link Type#BOOL}. */
    public static OnnxTensor of(String name, Type type, byte[] values, long... dims) {
        if (type.bytes != 1) {
            throw new IllegalArgumentException("tensor " + name + ": " + type + " is not a one-byte type");
        }
        return new OnnxTensor(name, type, dims.clone(), ByteString.copyFrom(values));
    }

    static OnnxTensor parse(TensorProto proto, String name) {
        Type type = Type.of(proto.getDataType(), "tensor " + name);
        if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL || proto.getExternalDataCount() > 0) {
            throw new OnnxFormatException(
                    "tensor " + name + " keeps its data in another file; save the model with all data in one file");
        }
        long[] dims = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
        return new OnnxTensor(name, type, dims, proto.hasRawData() ? proto.getRawData() : typed(proto, type));
    }

    private static ByteString typed(TensorProto proto, Type type) {
        int count =
                switch (type) {
                    case FLOAT -> proto.getFloatDataCount();
                    case DOUBLE -> proto.getDoubleDataCount();
                    case INT64 -> proto.getInt64DataCount();
                    default -> proto.getInt32DataCount();
                };
        ByteBuffer buffer = ByteBuffer.allocate(count * type.bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            switch (type) {
                case FLOAT -> buffer.putFloat(proto.getFloatData(i));
                case DOUBLE -> buffer.putDouble(proto.getDoubleData(i));
                case INT64 -> buffer.putLong(proto.getInt64Data(i));
                case INT32 -> buffer.putInt(proto.getInt32Data(i));
                case FLOAT16 -> buffer.putShort((short) proto.getInt32Data(i));
                case INT8, UINT8, BOOL -> buffer.put((byte) proto.getInt32Data(i));
            }
        }
        return ByteString.copyFrom(buffer.flip());
    }

    private static long elements(String name, long[] dims) {
        long product = 1;
        for (long dim : dims) {
            if (dim < 0) {
                throw new OnnxFormatException("tensor " + name + " has a negative size in " + Arrays.toString(dims));
            }
            try {
                product = Math.multiplyExact(product, dim);
            } catch (ArithmeticException e) {
                throw new OnnxFormatException("tensor " + name + " is too large: " + Arrays.toString(dims), e);
            }
        }
        return product;
    }

    public String name() {
        return name;
    }

    public Type type() {
        return type;
    }

    /** Sizes, outermost first; empty for a scalar. */
    public long[] dims() {
        return dims.clone();
    }

    /** Number of elements. */
    public int size() {
        return Math.toIntExact(elements(name, dims));
    }

    /** The same values under another name. */
    public OnnxTensor named(String newName) {
        return new OnnxTensor(newName, type, dims, raw);
    }

    /**
     * The values of a floating tensor rounded to float16, under the same name.
     *
     * @throws OnnxFormatException if the elements are not floating, or one that is finite is too large for float16
     */
    public OnnxTensor asFloat16() {
        float[] values = floats();
        ByteBuffer buffer = ByteBuffer.allocate(values.length * 2).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            if (Math.abs(value) > Half.LARGEST && Float.isFinite(value)) {
                throw new OnnxFormatException("tensor " + name + " holds " + value + ", float16 ends at " + Half.LARGEST
                        + "; keep it in float32");
            }
            buffer.putShort(Half.of(value));
        }
        return new OnnxTensor(name, Type.FLOAT16, dims, ByteString.copyFrom(buffer.flip()));
    }

    /** The same values in another shape of as many elements. */
    OnnxTensor reshaped(long... newDims) {
        return new OnnxTensor(name, type, newDims.clone(), raw);
    }

    /**
     * Values of a floating tensor as float32.
     *
     * @throws OnnxFormatException if the elements are not floating
     */
    public float[] floats() {
        float[] values = new float[size()];
        ByteBuffer buffer = buffer();
        switch (type) {
            case FLOAT -> buffer.asFloatBuffer().get(values);
            case DOUBLE -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) buffer.getDouble();
                }
            }
            case FLOAT16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Half.toFloat(buffer.getShort());
                }
            }
            default -> throw new OnnxFormatException("tensor " + name + " is " + type + " where floats are needed");
        }
        return values;
    }

    /**
     * Values of an integer or boolean tensor.
     *
     * @throws OnnxFormatException if the elements are floating
     */
    public long[] longs() {
        long[] values = new long[size()];
        ByteBuffer buffer = buffer();
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (type) {
                case INT64 -> buffer.getLong();
                case INT32 -> buffer.getInt();
                case INT8 -> buffer.get();
                case UINT8, BOOL -> Byte.toUnsignedLong(buffer.get());
                default ->
                    throw new OnnxFormatException("tensor " + name + " is " + type + " where integers are needed");
            };
        }
        return values;
    }

    /** Values in row-major order, little-endian. */
    public byte[] bytes() {
        return raw.toByteArray();
    }

    private ByteBuffer buffer() {
        return raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    TensorProto toProto() {
        TensorProto.Builder proto =
                TensorProto.newBuilder().setName(name).setDataType(type.code()).setRawData(raw);
        for (long dim : dims) {
            proto.addDims(dim);
        }
        return proto.build();
    }

    @Override
    public String toString() {
        return name + " " + type + Arrays.toString(dims);
    }
}
