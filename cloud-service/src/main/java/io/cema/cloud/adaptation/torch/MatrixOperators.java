package io.cema.cloud.adaptation.torch;

import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxNode;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Matrix products. */
final class MatrixOperators {
    private MatrixOperators() {}

    static void register(Map<String, Operators.Factory> table) {
        table.put("MatMul", (node, opset) -> ElementwiseOperators.single(in -> torch.matmul(in[0], in[1])));
        table.put("Gemm", MatrixOperators::gemm);
        table.put("Softmax", MatrixOperators::softmax);
    }

    private static Kernel gemm(OnnxNode node, int opset) {
        OnnxAttributes attributes = node.attributes();
        boolean transposeA = attributes.integer("transA", 0) != 0;
        boolean transposeB = attributes.integer("transB", 0) != 0;
        double alpha = attributes.real("alpha", 1);
        double beta = attributes.real("beta", 1);
        return ElementwiseOperators.single(in -> {
            Tensor a = transposeA ? in[0].transpose(0, 1) : in[0];
            Tensor b = transposeB ? in[1].transpose(0, 1) : in[1];
            if (in.length > 2 && in[2] != null) {
                return torch.addmm(in[2], a, b, new Scalar(beta), new Scalar(alpha));
            }
            Tensor product = torch.mm(a, b);
            return alpha == 1 ? product : torch.mul(product, new Scalar(alpha));
        });
    }

    /** Before operator set 13 everything from the axis on is one long axis. */
    private static Kernel softmax(OnnxNode node, int opset) {
        long axis = node.attributes().integer("axis", opset < 13 ? 1 : -1);
        if (opset >= 13) {
            return ElementwiseOperators.single(in -> torch.softmax(in[0], axis));
        }
        return ElementwiseOperators.single(in -> {
            long from = axis < 0 ? axis + in[0].dim() : axis;
            Tensor joined = in[0].flatten(from, in[0].dim() - 1);
            return torch.softmax(joined, from).reshape(in[0].shape());
        });
    }
}
