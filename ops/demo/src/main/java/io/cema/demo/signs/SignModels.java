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
    EDGE("signs-edge", 16, List.of(new Stage(32, 1), new Stage(48, 2), new Stage(80, 2)), Augmentation.light(), 0),
    /** 0.96 M parameters, 26 M multiply-adds; trained to stand bad days in general. */
    FOUNDATION(
            "signs-foundation",
            24,
            List.of(new Stage(40, 1), new Stage(80, 1), new Stage(128, 3)),
            Augmentation.strong(),
            1);

    /** Of both nets. */
    static final Preprocessing PREPROCESSING = new Preprocessing(List.of(.5, .5, .5), List.of(.25, .25, .25));

    private static final int BATCH = 64;
    private static final double LEARNING_RATE = 0.06;

    private final String fileName;
    private final int stem;
    private final List<Stage> stages;
    private final Augmentation augmentation;
    private final int seedOffset;

    SignModels(String fileName, int stem, List<Stage> stages, Augmentation augmentation, int seedOffset) {
        this.fileName = fileName;
        this.stem = stem;
        this.stages = stages;
        this.augmentation = augmentation;
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

    Training training(int epochs, int threads) {
        return new Training(epochs, BATCH, LEARNING_RATE, augmentation, PREPROCESSING, threads);
    }
}
