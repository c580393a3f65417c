package io.cema.cloud.adaptation.torch;

import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Operators that work on each element, with broadcasting. */
final class ElementwiseOperators {
    /** Kept for the process: libtorch reads the characters where they are. */
    private static final BytePointer TRUNCATE = new BytePointer("trunc").retainReference();

    private ElementwiseOperators() {}

    static void register(Map<String, Operators.Factory> table) {
        unary(table, "Relu", torch::relu);
        unary(table, "Sigmoid", torch::sigmoid);
        unary(table, "HardSwish", torch::hardswish);
        unary(table, "Erf", torch::erf);
        unary(table, "Tanh", torch::tanh);
        unary(table, "Exp", torch::exp);
        unary(table, "Log", torch::log);
        unary(table, "Neg", torch::neg);
        unary(table, "Abs", torch::abs);
        unary(table, "Sqrt", torch::sqrt);
        unary(table, "Reciprocal", torch::reciprocal);
        unary(table, "Floor", torch::floor);
        unary(table, "Softplus", torch::softplus);
        unary(table, "Not", torch::logical_not);
        binary(table, "Add", torch::add);
        binary(table, "Sub", torch::sub);
        binary(table, "Mul", torch::mul);
        binary(table, "Div", ElementwiseOperators::divide);
        binary(table, "Pow", ElementwiseOperators::power);
        binary(table, "Equal", torch::eq);
        binary(table, "Greater", torch::gt);
        binary(table, "GreaterOrEqual", torch::ge);
        binary(table, "Less", torch::lt);
        binary(table, "LessOrEqual", torch::le);
        binary(table, "And", torch::logical_and);
        binary(table, "Or", torch::logical_or);
        binary(table, "PRelu", (x, slope) -> torch.where(torch.ge(x, new Scalar(0.0)), x, torch.mul(x, slope)));
        variadic(table, "Sum", torch::add);
        variadic(table, "Max", torch::maximum);
        variadic(table, "Min", torch::minimum);
        table.put("LeakyRelu", ElementwiseOperators::leakyRelu);
        table.put("Elu", (node, opset) -> {
            double alpha = node.attributes().real("alpha", 1);
            return single(in -> torch.elu(in[0], new Scalar(alpha), new Scalar(1.0), new Scalar(1.0)));
        });
        table.put("HardSigmoid", ElementwiseOperators::hardSigmoid);
        table.put("Gelu", ElementwiseOperators::gelu);
        table.put("Clip", ElementwiseOperators::clip);
        table.put("Where", (node, opset) -> single(in -> torch.where(in[0], in[1], in[2])));
        table.put("Cast", ElementwiseOperators::cast);
    }

    static Kernel single(Kernel.Single computation) {
        return computation.kernel();
    }

    private static void unary(Map<String, Operators.Factory> table, String name, UnaryOperator<Tensor> function) {
        table.put(name, (node, opset) -> single(in -> function.apply(in[0])));
    }

    private static void binary(Map<String, Operators.Factory> table, String name, BinaryOperator<Tensor> function) {
        table.put(name, (node, opset) -> single(in -> function.apply(beside(in[0], in[1]), beside(in[1], in[0]))));
    }

    private static void variadic(Map<String, Operators.Factory> table, String name, BinaryOperator<Tensor> function) {
        table.put(
                name,
                (node, opset) -> single(in -> {
                    Tensor result = in.length == 1 ? new Tensor(in[0]) : in[0];
                    for (int i = 1; i < in.length; i++) {
                        result = function.apply(result, in[i]);
                    }
                    return result;
                }));
    }

    /** Shapes are computed on the CPU; where one meets an image on the GPU it is moved there. */
    private static Tensor beside(Tensor tensor, Tensor other) {
        return other.is_cuda() && !tensor.is_cuda() ? tensor.to(new Device("cuda"), tensor.scalar_type()) : tensor;
    }

    /** ONNX divides integers towards zero. */
    private static Tensor divide(Tensor a, Tensor b) {
        return isInteger(a) && isInteger(b) ? torch.div(a, b, new StringViewOptional(TRUNCATE)) : torch.div(a, b);
    }

    /** ONNX keeps the type of the base. */
    private static Tensor power(Tensor base, Tensor exponent) {
        Tensor result = torch.pow(base, exponent);
        return result.scalar_type().intern() == base.scalar_type().intern() ? result : result.to(base.scalar_type());
    }

    private static boolean isInteger(Tensor tensor) {
        torch.ScalarType type = tensor.scalar_type().intern();
        return type == torch.ScalarType.Long || type == torch.ScalarType.Int;
    }

    private static Kernel leakyRelu(OnnxNode node, int opset) {
        double alpha = node.attributes().real("alpha", 0.01);
        return single(in -> torch.leaky_relu(in[0], new Scalar(alpha)));
    }

    private static Kernel hardSigmoid(OnnxNode node, int opset) {
        double alpha = node.attributes().real("alpha", 0.2);
        double beta = node.attributes().real("beta", 0.5);
        return single(in -> torch.hardtanh(
                torch.add(torch.mul(in[0], new Scalar(alpha)), new Scalar(beta)), new Scalar(0.0), new Scalar(1.0)));
    }

    private static Kernel gelu(OnnxNode node, int opset) {
        String approximate = node.attributes().text("approximate", "none");
        return single(in -> torch.gelu(in[0], approximate));
    }

    private static Kernel clip(OnnxNode node, int opset) {
        return single(in -> torch.clamp(in[0], optional(in, 1), optional(in, 2)));
    }

    /** An optional input as libtorch takes it; empty if it is left out. */
    static TensorOptional optional(Tensor[] inputs, int index) {
        return index < inputs.length && inputs[index] != null
                ? new TensorOptional(beside(inputs[index], inputs[0]))
                : new TensorOptional();
    }

    private static Kernel cast(OnnxNode node, int opset) {
        OnnxAttributes attributes = node.attributes();
        OnnxTensor.Type type = OnnxTensor.Type.of((int) attributes.integer("to", 0), node.describe());
        torch.ScalarType to =
                switch (type) {
                    case FLOAT -> torch.ScalarType.Float;
                    case DOUBLE -> torch.ScalarType.Double;
                    case INT64 -> torch.ScalarType.Long;
                    case INT32 -> torch.ScalarType.Int;
                    case BOOL -> torch.ScalarType.Bool;
                    case INT8, UINT8, FLOAT16 ->
                        throw new OnnxFormatException(node.describe() + ": a cast to " + type
                                + " is not supported; register the float32 model");
                };
        return single(in -> in[0].to(to));
    }
}
