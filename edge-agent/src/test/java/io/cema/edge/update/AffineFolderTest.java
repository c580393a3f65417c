package io.cema.edge.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cema.edge.SharedData;
import io.cema.edge.TestModels;
import io.cema.edge.inference.EngineFactory;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AffineFolderTest {
    private final EngineFactory engines = new OnnxRuntimeEngineFactory(1);

    @Test
    void fold_residual_bothLayersFoldAndAgree() {
        assertFoldsLikeUnfolded(TestModels.residual(), 2);
    }

    @Test
    void fold_preActivation_staysAndAgrees() {
        assertFoldsLikeUnfolded(TestModels.preActivation(), 0);
    }

    @Test
    void fold_afterConcat_staysAndAgrees() {
        assertFoldsLikeUnfolded(TestModels.concat(), 0);
    }

    @Test
    void fold_convolutionWithTwoReaders_staysAndAgrees() {
        assertFoldsLikeUnfolded(TestModels.twoReaders(), 0);
    }

    @Test
    void fold_sharedWeight_foldsIntoCopiesAndAgrees() {
        assertFoldsLikeUnfolded(TestModels.sharedWeight(), 2);
    }

    @Test
    void fold_layerNorm_replacesAndAgrees() {
        assertFoldsLikeUnfolded(TestModels.layerNorm(), 0);
    }

    @Test
    void fold_gemmWithFactors_foldsAndAgrees() {
        assertFoldsLikeUnfolded(TestModels.gemm(), 1);
    }

    @Test
    void fold_baseParameters_givesTheBaseModelsLogits() {
        for (OnnxModel model : List.of(TestModels.residual(), TestModels.preActivation(), TestModels.gemm())) {
            AffineFolder folder = new AffineFolder(model);
            assertSameLogits(folder.fold(folder.base()), model.toBytes(), 1e-4);
        }
    }

    @Test
    void fold_resnet20_allLayersFoldAndAgree() throws IOException {
        OnnxModel model = OnnxModel.parse(Files.readAllBytes(SharedData.require("cifar10/resnet20-cifar10.onnx")));
        AffineFolder folder = new AffineFolder(model);
        AffineParameters affine = scaled(folder.base(), 1.1f);

        assertThat(folder.foldedLayers()).isEqualTo(model.normLayers().size());
        assertThat(folder.base().channels()).isEqualTo(688);
        // Logits reach 25; 1e-4 of that is what float32 leaves after 20 layers in another order.
        assertSameLogits(folder.fold(affine), folder.replace(affine), 2.5e-3);
        assertSameLogits(folder.fold(folder.base()), model.toBytes(), 2.5e-3);
    }

    @Test
    void check_everyShapeOfModel_passes() {
        for (OnnxModel model : List.of(
                TestModels.residual(),
                TestModels.preActivation(),
                TestModels.concat(),
                TestModels.twoReaders(),
                TestModels.sharedWeight(),
                TestModels.layerNorm(),
                TestModels.gemm())) {
            assertThatCode(() -> new AffineFolder(model).check(engines)).doesNotThrowAnyException();
        }
    }

    @Test
    void fold_nan_isRefused() {
        AffineFolder folder = new AffineFolder(TestModels.residual());
        folder.base().layers().get(0).scale()[2] = Float.NaN;

        assertThatThrownBy(() -> folder.fold(folder.base()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bn1, channel 2");
    }

    @Test
    void fold_anotherModelsParameters_isRefused() {
        AffineParameters other = new AffineFolder(TestModels.gemm()).base();

        assertThatThrownBy(() -> new AffineFolder(TestModels.residual()).fold(other))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void assertFoldsLikeUnfolded(OnnxModel model, int foldedLayers) {
        AffineFolder folder = new AffineFolder(model);
        AffineParameters affine = folder.base().plus(TestModels.difference(folder.base(), .5, 9));

        assertThat(folder.foldedLayers()).isEqualTo(foldedLayers);
        assertSameLogits(folder.fold(affine), folder.replace(affine), 1e-4);
    }

    private void assertSameLogits(byte[] first, byte[] second, double tolerance) {
        try (InferenceEngine one = engines.open(first);
                InferenceEngine two = engines.open(second)) {
            float[] input = TestModels.randomInput(4, one.inputLength(), 3);
            float[] have = one.logits(input, 4);
            float[] want = two.logits(input, 4);
            for (int i = 0; i < want.length; i++) {
                assertThat((double) have[i]).isCloseTo(want[i], within(tolerance));
            }
        }
    }

    private static AffineParameters scaled(AffineParameters base, float factor) {
        List<AffineParameters.Layer> layers = new ArrayList<>();
        for (AffineParameters.Layer layer : base.layers()) {
            float[] scale = layer.scale().clone();
            float[] shift = layer.shift().clone();
            for (int c = 0; c < scale.length; c++) {
                scale[c] *= factor;
                shift[c] += .02f * (c % 5);
            }
            layers.add(new AffineParameters.Layer(layer.name(), scale, shift));
        }
        return new AffineParameters(layers);
    }
}
