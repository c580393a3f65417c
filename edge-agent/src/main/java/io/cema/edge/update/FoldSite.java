package io.cema.edge.update;

import io.cema.protocol.model.NormKind;
import io.cema.protocol.onnx.NormSite;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.Optional;

/**
 * A convolution or Gemm that alone feeds a batch normalisation, so that the normalisation's pair folds into it exactly.
 *
 * @param producer name of the Conv or Gemm
 * @param weight its constant weight
 * @param bias its constant bias broadcast to the channels and times its factor; zeros where it has none
 * @param channelStride elements between two channels of the weight: all of one channel's, or 1 for an untransposed Gemm
 */
record FoldSite(String producer, OnnxTensor weight, float[] bias, int channelStride) {
    /** The place to fold a layer into, if there is one. */
    static Optional<FoldSite> of(OnnxModel model, NormSite site) {
        if (site.layer().kind() != NormKind.BATCH
                || model.soleConsumer(site.input()).isEmpty()
                || site.input().equals(model.output().name())) {
            return Optional.empty();
        }
        int channels = site.layer().channels();
        return model.producer(site.input()).flatMap(producer -> {
            if (producer.is("Conv")) {
                return conv(model, producer, channels);
            }
            return producer.is("Gemm") ? gemm(model, producer, channels) : Optional.empty();
        });
    }

    private static Optional<FoldSite> conv(OnnxModel model, OnnxNode conv, int channels) {
        return weight(model, conv, 0, channels).flatMap(w -> bias(model, conv, channels, 1)
                .map(b -> new FoldSite(conv.name(), w, b, w.size() / channels)));
    }

    private static Optional<FoldSite> gemm(OnnxModel model, OnnxNode gemm, int channels) {
        boolean transposed = gemm.attributes().integer("transB", 0) != 0;
        double beta = gemm.attributes().real("beta", 1);
        return weight(model, gemm, transposed ? 0 : 1, channels).flatMap(w -> bias(model, gemm, channels, beta)
                .map(b -> new FoldSite(gemm.name(), w, b, transposed ? w.size() / channels : 1)));
    }

    private static Optional<OnnxTensor> weight(OnnxModel model, OnnxNode node, int channelAxis, int channels) {
        return model.constant(node.input(1))
                .filter(w -> w.type() == OnnxTensor.Type.FLOAT)
                .filter(w -> w.dims().length > channelAxis && w.dims()[channelAxis] == channels);
    }

    private static Optional<float[]> bias(OnnxModel model, OnnxNode node, int channels, double factor) {
        float[] bias = new float[channels];
        if (!node.hasInput(2)) {
            return Optional.of(bias);
        }
        Optional<OnnxTensor> constant = model.constant(node.input(2))
                .filter(c -> c.type() == OnnxTensor.Type.FLOAT)
                // A Gemm's bias may also be one number, or a column that differs by row: the latter does not fold.
                .filter(c -> c.size() == 1 || c.size() == channels && c.dims()[c.dims().length - 1] == channels);
        return constant.map(c -> {
            float[] values = c.floats();
            for (int i = 0; i < channels; i++) {
                bias[i] = (float) (factor * values[values.length == 1 ? 0 : i]);
            }
            return bias;
        });
    }
}
