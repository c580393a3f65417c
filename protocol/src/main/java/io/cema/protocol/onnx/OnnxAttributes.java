package io.cema.protocol.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import com.google.protobuf.ByteString;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The attributes of one node. Immutable; {@code with} gives a changed copy. */
public final class OnnxAttributes {
    private static final OnnxAttributes NONE = new OnnxAttributes(Map.of());

    private final Map<String, AttributeProto> byName;

    private OnnxAttributes(Map<String, AttributeProto> byName) {
        this.byName = byName;
    }

    public static OnnxAttributes none() {
        return NONE;
    }

    static OnnxAttributes parse(List<AttributeProto> protos) {
        Map<String, AttributeProto> byName = new LinkedHashMap<>();
        protos.forEach(p -> byName.put(p.getName(), p));
        return new OnnxAttributes(byName);
    }

    Collection<AttributeProto> protos() {
        return byName.values();
    }

    public Set<String> names() {
        return Set.copyOf(byName.keySet());
    }

    public boolean has(String name) {
        return byName.containsKey(name);
    }

    /** An INT attribute, or the default where it is absent. */
    public long integer(String name, long otherwise) {
        AttributeProto attribute = byName.get(name);
        return attribute == null
                ? otherwise
                : require(attribute, AttributeProto.AttributeType.INT).getI();
    }

    /** A FLOAT attribute, or the default where it is absent. */
    public double real(String name, double otherwise) {
        AttributeProto attribute = byName.get(name);
        return attribute == null
                ? otherwise
                : require(attribute, AttributeProto.AttributeType.FLOAT).getF();
    }

    /** A STRING attribute, or the default where it is absent. */
    public String text(String name, String otherwise) {
        AttributeProto attribute = byName.get(name);
        return attribute == null
                ? otherwise
                : require(attribute, AttributeProto.AttributeType.STRING).getS().toStringUtf8();
    }

    /** An INTS attribute. */
    public Optional<long[]> integers(String name) {
        AttributeProto attribute = byName.get(name);
        return attribute == null
                ? Optional.empty()
                : Optional.of(require(attribute, AttributeProto.AttributeType.INTS).getIntsList().stream()
                        .mapToLong(Long::longValue)
                        .toArray());
    }

    /** An INTS attribute, or the default where it is absent. */
    public long[] integers(String name, long... otherwise) {
        return integers(name).orElse(otherwise);
    }

    /** A FLOATS attribute. */
    public Optional<float[]> reals(String name) {
        AttributeProto attribute = byName.get(name);
        if (attribute == null) {
            return Optional.empty();
        }
        List<Float> values =
                require(attribute, AttributeProto.AttributeType.FLOATS).getFloatsList();
        float[] array = new float[values.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = values.get(i);
        }
        return Optional.of(array);
    }

    /** A TENSOR attribute. */
    public Optional<OnnxTensor> tensor(String name) {
        AttributeProto attribute = byName.get(name);
        return attribute == null
                ? Optional.empty()
                : Optional.of(OnnxTensor.parse(
                        require(attribute, AttributeProto.AttributeType.TENSOR).getT(), "attribute " + name));
    }

    public OnnxAttributes with(String name, long value) {
        return with(named(name, AttributeProto.AttributeType.INT).setI(value));
    }

    public OnnxAttributes with(String name, int value) {
        return with(name, (long) value);
    }

    public OnnxAttributes with(String name, double value) {
        return with(named(name, AttributeProto.AttributeType.FLOAT).setF((float) value));
    }

    public OnnxAttributes with(String name, String value) {
        return with(named(name, AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(value)));
    }

    public OnnxAttributes with(String name, long[] values) {
        AttributeProto.Builder proto = named(name, AttributeProto.AttributeType.INTS);
        for (long value : values) {
            proto.addInts(value);
        }
        return with(proto);
    }

    public OnnxAttributes with(String name, OnnxTensor value) {
        return with(named(name, AttributeProto.AttributeType.TENSOR).setT(value.toProto()));
    }

    public OnnxAttributes without(String name) {
        Map<String, AttributeProto> changed = new LinkedHashMap<>(byName);
        changed.remove(name);
        return new OnnxAttributes(changed);
    }

    private OnnxAttributes with(AttributeProto.Builder attribute) {
        Map<String, AttributeProto> changed = new LinkedHashMap<>(byName);
        changed.put(attribute.getName(), attribute.build());
        return new OnnxAttributes(changed);
    }

    private static AttributeProto.Builder named(String name, AttributeProto.AttributeType type) {
        return AttributeProto.newBuilder().setName(name).setType(type);
    }

    private static AttributeProto require(AttributeProto attribute, AttributeProto.AttributeType type) {
        // Files of IR version 1 carry no type; the getter's default would then be read, so only a contradiction counts.
        if (attribute.getType() != type && attribute.getType() != AttributeProto.AttributeType.UNDEFINED) {
            throw new OnnxFormatException(
                    "attribute " + attribute.getName() + " is " + attribute.getType() + ", not " + type);
        }
        return attribute;
    }
}
