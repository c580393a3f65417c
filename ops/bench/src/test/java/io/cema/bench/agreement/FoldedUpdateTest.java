package io.cema.bench.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.bench.SharedData;
import io.cema.bench.corruption.Corruption;
import io.cema.bench.image.ImageSet;
import io.cema.cloud.adaptation.torch.AdaptationSettings;
import io.cema.cloud.adaptation.torch.Distiller;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.update.AffineFolder;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.model.AffineCodec;
import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the edge runs after an update is what the cloud's twin computed: learnt here, coded, folded there. */
class FoldedUpdateTest {
    private static final Preprocessing IMAGENET =
            new Preprocessing(List.of(.485, .456, .406), List.of(.229, .224, .225));
    private static final int STEPS = 4;
    private static final int BATCH = 32;
    private static final int PROBES = 256;

    /** float32 through 20 layers in another order of operations: logits here reach 31, they differ by 2e-5. */
    @Test
    void foldedUpdate_givesTheTwinsLogits() throws IOException {
        byte[] student = Files.readAllBytes(SharedData.require("cifar10/resnet20-cifar10.onnx"));
        byte[] teacher = Files.readAllBytes(SharedData.require("cifar10/resnet56-cifar10.onnx"));
        List<Image> images = foggy(STEPS * BATCH + PROBES);
        List<Image> probes = images.subList(STEPS * BATCH, images.size());
        OnnxModel model = OnnxModel.parse(student);
        AffineFolder folder = new AffineFolder(model);
        try (Distiller distiller = Distiller.open(
                part("resnet20", student),
                part("resnet56", teacher),
                AdaptationSettings.defaults(),
                TorchSettings.cpu(2))) {
            for (int step = 0; step < STEPS; step++) {
                distiller.step(images.subList(step * BATCH, (step + 1) * BATCH), List.of());
            }
            byte[] sent = AffineCodec.encode(distiller.candidate());
            AffineParameters inTheCloud = distiller.base().plus(AffineCodec.decode(sent, distiller.layers()));
            AffineParameters onTheEdge = folder.base().plus(AffineCodec.decode(sent, model.normLayers()));

            float[][] twin = distiller.logits(probes, inTheCloud);
            float[][] edge = run(folder.fold(onTheEdge), model, probes);

            assertThat(largestDifference(twin, edge)).isLessThan(1e-3);
            assertThat(largestDifference(twin, run(student, model, probes)))
                    .as("what the update changes, or the agreement would say nothing")
                    .isGreaterThan(1);
        }
    }

    private static List<Image> foggy(int count) throws IOException {
        Random random = new Random(7);
        return ImageSet.read(SharedData.require("cifar10/test.bin")).first(count).images().stream()
                .map(labelled -> Corruption.of("fog").apply(labelled.image(), 5, random))
                .toList();
    }

    private static Distiller.Part part(String name, byte[] onnx) {
        return new Distiller.Part(onnx, OnnxModel.parse(onnx).manifest(name, List.of(), IMAGENET));
    }

    /** One image at a time, as a camera gives them. */
    private static float[][] run(byte[] onnx, OnnxModel model, List<Image> images) {
        List<float[]> logits = new ArrayList<>();
        try (InferenceEngine engine = new OnnxRuntimeEngineFactory(1).open(onnx)) {
            for (Image image : images) {
                logits.add(engine.logits(ImageCodec.toTensor(image, model.height(), model.width(), IMAGENET), 1));
            }
        }
        return logits.toArray(float[][]::new);
    }

    private static double largestDifference(float[][] some, float[][] others) {
        return IntStream.range(0, some.length)
                .mapToDouble(i -> IntStream.range(0, some[i].length)
                        .mapToDouble(c -> Math.abs(some[i][c] - others[i][c]))
                        .max()
                        .orElseThrow())
                .max()
                .orElseThrow();
    }
}
