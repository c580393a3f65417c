package io.cema.demo.signs;

import io.cema.bench.training.Augmentation;
import io.cema.bench.training.ResidualNet;
import io.cema.bench.training.ResidualNet.Stage;
import io.cema.bench.training.Training;
import io.cema.bench.training.VisionTransformer;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxModel;
import java.util.List;

/** The demo's two nets and one of another kind for comparison: how they are built and how each is trained. */
enum SignModels {
    /** 0.31 M parameters, 13 M multiply-adds; knows good days only. */
    EDGE(
            "signs-edge",
            residual("signs-edge", 16, new Stage(32, 1), new Stage(48, 2), new Stage(80, 2)),
            List.of(new Lesson(Augmentation.light(), 0.06)),
            0),
    /** 0.96 M parameters, 26 M multiply-adds; trained to stand bad days in general. */
    FOUNDATION(
            "signs-foundation",
            residual("signs-foundation", 24, new Stage(40, 1), new Stage(80, 1), new Stage(128, 3)),
            List.of(new Lesson(Augmentation.strong(), 0.06), new Lesson(Augmentation.moderate(), 0.05)),
            1),
    /**
     * A vision transformer of 0.32 M parameters and 5 M multiply-adds that knows good days only. No part of the demo: it
     * shows what compression does to a net whose normalisation is of layers.
     */
    VIT(
            "signs-vit",
            seed -> new VisionTransformer("signs-vit", SignGenerator.SIDE, 8, 96, 4, 4, SignClass.values().length)
                    .build(seed),
            List.of(new Lesson(Augmentation.light(), 0.05)),
            2);

    /** Of all nets. */
    static final Preprocessing PREPROCESSING = new Preprocessing(List.of(.5, .5, .5), List.of(.25, .25, .25));

    private static final int BATCH = 64;

    private final String fileName;
    private final Builder builder;
    private final List<Lesson> lessons;
    private final int seedOffset;

    SignModels(String fileName, Builder builder, List<Lesson> lessons, int seedOffset) {
        this.fileName = fileName;
        this.builder = builder;
        this.lessons = lessons;
        this.seedOffset = seedOffset;
    }

    String fileName() {
        return fileName + ".onnx";
    }

    /** The net with random weights. */
    OnnxModel build(long seed) {
        return builder.build(seed);
    }

    private static Builder residual(String name, int stem, Stage... stages) {
        return seed ->
                new ResidualNet(name, SignGenerator.SIDE, stem, List.of(stages), SignClass.values().length).build(seed);
    }

    long seed(long seed) {
        return seed + seedOffset;
    }

    List<Lesson> lessons() {
        return lessons;
    }

    @FunctionalInterface
    private interface Builder {
        OnnxModel build(long seed);
    }

    /** One training run after another, each from where the one before ended. */
    record Lesson(Augmentation augmentation, double learningRate) {
        Training training(int epochs, int threads) {
            return new Training(epochs, BATCH, learningRate, augmentation, PREPROCESSING, threads);
        }
    }
}
