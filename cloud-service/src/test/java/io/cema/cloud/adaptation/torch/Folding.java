package io.cema.cloud.adaptation.torch;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.onnx.NormSite;
import io.cema.protocol.onnx.OnnxGraphEditor;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;

/** Folds batch normalisation into the convolutions before it, as exporters do. */
final class Folding {
    private Folding() {}

    static OnnxModel fold(OnnxModel model) {
        OnnxGraphEditor editor = model.edit();
        AffineParameters affine = model.affine();
        for (int i = 0; i < model.normSites().size(); i++) {
            NormSite site = model.normSites().get(i);
            AffineParameters.Layer layer = affine.layers().get(i);
            OnnxNode conv = model.producer(site.input()).orElseThrow();
            OnnxTensor weight = model.constant(conv.input(1)).orElseThrow();
            float[] folded = weight.floats();
            float[] bias = conv.hasInput(2)
                    ? model.constant(conv.input(2)).orElseThrow().floats()
                    : new float[layer.scale().length];
            int perChannel = folded.length / bias.length;
            for (int c = 0; c < bias.length; c++) {
                bias[c] = bias[c] * layer.scale()[c] + layer.shift()[c];
                for (int k = 0; k < perChannel; k++) {
                    folded[c * perChannel + k] *= layer.scale()[c];
                }
            }
            editor.setConstant(conv.name(), 1, folded, weight.dims());
            editor.setConstant(conv.name(), 2, bias, bias.length);
            editor.replaceNode(editor.node(conv.name()).withOutput(site.output()));
            editor.removeNode(site.nodes().get(0));
        }
        return editor.build();
    }
}
