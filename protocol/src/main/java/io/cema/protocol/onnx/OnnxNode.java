package io.cema.protocol.onnx;

import java.util.ArrayList;
import java.util.List;

/**
 * One operation of a graph. Immutable.
 *
 * @param name unique in the model: the node's own name, or its first output's where it has none
 * @param domain "" for the standard operators
 * @param op operator, e.g. "Conv"
 * @param inputs value names in order; "" where an optional input is left out
 * @param outputs value names in order; "" where an optional output is left out
 * @param attributes the node's attributes
 */
public record OnnxNode(
        String name, String domain, String op, List<String> inputs, List<String> outputs, OnnxAttributes attributes) {
    public OnnxNode {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        domain = domain.equals("ai.onnx") ? "" : domain;
    }

    /** A standard operator with one output. */
    public static OnnxNode of(String name, String op, OnnxAttributes attributes, String output, String... inputs) {
        return new OnnxNode(name, "", op, List.of(inputs), List.of(output), attributes);
    }

    /** First output. */
    public String output() {
        return outputs.get(0);
    }

    /** True if input i is given. */
    public boolean hasInput(int i) {
        return i < inputs.size() && !inputs.get(i).isEmpty();
    }

    /** Name of input i, or "" if it is left out. */
    public String input(int i) {
        return i < inputs.size() ? inputs.get(i) : "";
    }

    /** True if this is the standard operator {@code wanted}. */
    public boolean is(String wanted) {
        return domain.isEmpty() && op.equals(wanted);
    }

    /** "node layer1.0.conv1 (Conv)", for messages. */
    public String describe() {
        return "node " + name + " (" + (domain.isEmpty() ? op : domain + "." + op) + ")";
    }

    /** The same node with input {@code index} read from {@code value}; inputs between are left out. */
    public OnnxNode withInput(int index, String value) {
        List<String> changed = new ArrayList<>(inputs);
        while (changed.size() <= index) {
            changed.add("");
        }
        changed.set(index, value);
        return new OnnxNode(name, domain, op, changed, outputs, attributes);
    }

    /** The same node with its first output under another name. */
    public OnnxNode withOutput(String value) {
        List<String> changed = new ArrayList<>(outputs);
        changed.set(0, value);
        return new OnnxNode(name, domain, op, inputs, changed, attributes);
    }
}
