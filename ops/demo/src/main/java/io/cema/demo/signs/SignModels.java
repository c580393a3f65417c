package io.cema.demo.signs;

import io.cema.bench.training.Augmentation;
import io.cema.bench.training.ResidualNet;
import io.cema.bench.training.ResidualNet.Stage;
import io.cema.bench.training.Training;
import io.cema.protocol.model.Preprocessing;
import java.util.List;

/** The demo's two nets: how they are built and how each is trained. */
enum SignModels {
    /** 0.31 M parameters, 13 M multiply-adds; knows good days only. */
    EDGE(
            "signs-edge",
            16,
            List.of(new Stage(32, 1), new Stage(48, 2), new Stage(80, 2)),
            List.of(new Lesson(Augmentation.light(), 0.06)),
            0),
    /** 0.96 M parameters, 26 M multiply-adds; trained to stand bad days in general. */
    FOUNDATION(
            "signs-foundation",
            24,
            List.of(new Stage(40, 1), new Stage(80, 1), new Stage(128, 3)),
            List.of(new Lesson(Augmentation.strong(), 0.06), new Lesson(Augmentation.moderate(), 0.05)),
            1);

    /** Of both nets. */
    static final Preprocessing PREPROCESSING = new Preprocessing(List.of(.5, .5, .5), List.of(.25, .25, .25));

    private static final int BATCH = 64;

    private final String fileName;
    private final int stem;
    private final List<Stage> stages;
    private final List<Lesson> lessons;
    private final int seedOffset;

    SignModels(String fileName, int stem, List<Stage> stages, List<Lesson> lessons, int seedOffset) {
        this.fileName = fileName;
        this.stem = stem;
        this.stages = stages;
        this.lessons = lessons;
        this.seedOffset = seedOffset;
    }

    String fileName() {
        return fileName + ".onnx";
    }

    ResidualNet net() {
        return new ResidualNet(fileName, SignGenerator.SIDE, stem, stages, SignClass.values().length);
    }

    long seed(long seed) {
        return seed + seedOffset;
    }

    List<Lesson> lessons() {
        return lessons;
    }

    /** One training run after another, each from where the one before ended. */
    record Lesson(Augmentation augmentation, double learningRate) {
        Training training(int epochs, int threads) {
            return new Training(epochs, BATCH, learningRate, augmentation, PREPROCESSING, threads);
        }
    }
}
