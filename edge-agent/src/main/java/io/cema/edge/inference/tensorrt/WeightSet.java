package io.cema.edge.inference.tensorrt;

import io.cema.protocol.model.Digests;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Float32 tensors by name, and the SHA-256 of each, by which it shows what two sets differ in.
 *
 * @param values owned by the record, do not write to them
 */
record WeightSet(Map<String, float[]> values, Map<String, String> digests) {
    static WeightSet of(Map<String, float[]> values) {
        Map<String, String> digests = new LinkedHashMap<>();
        values.forEach((name, floats) -> {
            ByteBuffer bytes = ByteBuffer.allocate(floats.length * Float.BYTES);
            bytes.asFloatBuffer().put(floats);
            digests.put(name, Digests.hex(bytes.array()));
        });
        return new WeightSet(values, digests);
    }

    /** What is not the same where these digests come from. */
    Map<String, float[]> changesFrom(Map<String, String> others) {
        Map<String, float[]> changes = new LinkedHashMap<>();
        digests.forEach((name, digest) -> {
            if (!digest.equals(others.get(name))) {
                changes.put(name, values.get(name));
            }
        });
        return changes;
    }

    /** One line for each tensor, for the note of a cached plan. */
    byte[] note() {
        StringBuilder lines = new StringBuilder();
        digests.forEach(
                (name, digest) -> lines.append(digest).append(' ').append(name).append('\n'));
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The digests of a {@link #note}. */
    static Map<String, String> digests(byte[] note) {
        Map<String, String> digests = new LinkedHashMap<>();
        for (String line : new String(note, StandardCharsets.UTF_8).split("\n")) {
            int space = line.indexOf(' ');
            if (space > 0) {
                digests.put(line.substring(space + 1), line.substring(0, space));
            }
        }
        return digests;
    }
}
