package io.cema.protocol.onnx;

/**
 * A quantised model as TensorRT takes it: INT8 in the place of UINT8. Both have zero point 0 and the same scales, and the
 * compressor fills 127 steps of either, so the integers are the same; what lies beyond an activation's range saturates
 * here and goes on to 255 there.
 */
public final class SignedActivations {
    private SignedActivations() {}

    /**
     * @param onnx a file of the compressor, or of a fold into one
     * @throws OnnxFormatException if a UINT8 zero point is not 0: the file is not the compressor's
     */
    public static byte[] of(byte[] onnx) {
        OnnxModel model = OnnxModel.asWritten(onnx);
        OnnxGraphEditor editor = model.edit();
        for (OnnxNode node : model.nodes()) {
            if (!node.is("QuantizeLinear")) {
                continue;
            }
            OnnxTensor zero = model.constant(node.input(2))
                    .orElseThrow(() -> new OnnxFormatException(node.describe() + " has no stored zero point"));
            if (zero.type() != OnnxTensor.Type.UINT8) {
                continue;
            }
            for (long value : zero.longs()) {
                if (value != 0) {
                    throw new OnnxFormatException(node.describe() + " has zero point " + value
                            + ", which TensorRT does not take; compress the model again");
                }
            }
            editor.replaceInitializer(
                    OnnxTensor.of(zero.name(), OnnxTensor.Type.INT8, new byte[zero.size()], zero.dims()));
        }
        return editor.toBytes();
    }
}
