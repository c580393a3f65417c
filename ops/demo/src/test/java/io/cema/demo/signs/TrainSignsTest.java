package io.cema.demo.signs;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.model.NormKind;
import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TrainSignsTest {
    @Test
    void call_onlyVit_writesATransformerThatMovedAndNothingElse(@TempDir Path out) throws IOException {
        int exit = new CommandLine(new TrainSigns())
                .execute("--out", out.toString(), "--only", "VIT", "--images", "64", "--vit-epochs", "2");

        assertThat(exit).isZero();
        assertThat(out.toFile().list()).containsExactly("signs-vit.onnx");
        OnnxModel trained = OnnxModel.parse(Files.readAllBytes(out.resolve("signs-vit.onnx")));
        OnnxModel untrained = SignModels.VIT.build(SignModels.VIT.seed(1));
        assertThat(trained.classes()).isEqualTo(SignClass.values().length);
        assertThat(trained.normLayers()).isEqualTo(untrained.normLayers()).allSatisfy(l -> assertThat(l.kind())
                .isEqualTo(NormKind.LAYER));
        assertThat(trained.affine()).isNotEqualTo(untrained.affine());
    }
}
