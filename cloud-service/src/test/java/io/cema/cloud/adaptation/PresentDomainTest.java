package io.cema.cloud.adaptation;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.cloud.adaptation.torch.AdaptationSettings;
import io.cema.cloud.adaptation.torch.Distiller;
import io.cema.cloud.adaptation.torch.DomainChange;
import io.cema.cloud.adaptation.torch.TorchSettings;
import io.cema.cloud.adaptation.torch.Visit;
import io.cema.protocol.image.Image;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.message.UploadReason;
import io.cema.protocol.model.Preprocessing;
import io.cema.protocol.onnx.OnnxBuilder;
import io.cema.protocol.onnx.OnnxModel;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PresentDomainTest {
    private static final int SIDE = 8;
    private static final int CLASSES = 4;
    private static final int DARK = 0;
    private static final int BRIGHT = 1;

    private final Random random = new Random(1);
    private final Map<Long, Image> images = new HashMap<>();
    private Distiller distiller;
    private PresentDomain domain;

    @BeforeEach
    void darkFirstAndBrightNow() {
        distiller =
                Distiller.open(part("edge"), part("foundation"), AdaptationSettings.defaults(), TorchSettings.cpu(1));
        LoopKey key = new LoopKey("t", "c", "m");
        domain = new PresentDomain(
                key,
                distiller,
                AdaptationSettings.defaults(),
                new LoopImages(key, store()),
                new ReplayBuffer(64),
                List.of(Visit.since(0)),
                () -> new DeviceShare(1, 1),
                new ForwardTimer() {
                    @Override
                    public <T> T timed(Supplier<T> pass) {
                        return pass.get();
                    }
                });
        see(uploads(32, "a", "", DARK));
        domain.calibrateOnNew();
        distiller.published("dark", new byte[0]);
        assertThat(see(uploads(32, "a", "dark", BRIGHT))).isEqualTo(DomainChange.NEW);
        domain.calibrateOnNew();
        distiller.published("bright", new byte[0]);
    }

    @AfterEach
    void close() {
        distiller.close();
    }

    @Test
    void recognise_theFirstUploadsOfADeviceThatIsBack_waitUntilThereAreEnough() {
        seeTwoBackAfter(14);

        assertThat(domain.unrecognised())
                .as("all of them: too few without the two")
                .hasSize(16);

        assertThat(see(uploads(2, "a", "dark", DARK))).isEqualTo(DomainChange.RECALLED);
    }

    @Test
    void recognise_twoOfADeviceThatIsBackAmongManyBefore_areLookedAtWithTheNextOnes() {
        List<LoadedSample> back = seeTwoBackAfter(20);

        assertThat(domain.unrecognised())
                .containsExactlyElementsOf(
                        back.stream().map(LoadedSample::stored).toList());

        assertThat(see(uploads(14, "a", "dark", DARK))).isEqualTo(DomainChange.RECALLED);
        assertThat(domain.start()).isEqualTo(back.get(0).stored().ordinal());
        assertThat(domain.unrecognised()).isEmpty();
    }

    /** It may be in another domain than the rest of the cohort. */
    @Test
    void recognise_oneOfThreeDevicesIsBack_staysInThePresentDomain() {
        List<LoadedSample> mixed = uploads(12, "a", "bright", BRIGHT);
        mixed.addAll(uploads(12, "b", "bright", BRIGHT));
        mixed.addAll(uploads(4, "c", "dark", DARK));

        assertThat(see(mixed)).isEqualTo(DomainChange.NONE);
        assertThat(domain.unrecognised()).isEmpty();
    }

    /** So many of the present domain, and then two of the device that is back. */
    private List<LoadedSample> seeTwoBackAfter(int before) {
        List<LoadedSample> both = uploads(before, "a", "bright", BRIGHT);
        List<LoadedSample> back = uploads(2, "a", "dark", DARK);
        both.addAll(back);
        assertThat(see(both)).isEqualTo(DomainChange.NONE);
        return back;
    }

    private DomainChange see(List<LoadedSample> fresh) {
        DomainChange change = domain.recognise(fresh);
        fresh.forEach(sample -> domain.keep(sample.stored()));
        return change;
    }

    private List<LoadedSample> uploads(int count, String device, String version, int look) {
        List<LoadedSample> uploads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] rgb = new byte[SIDE * SIDE * 3];
            for (int p = 0; p < rgb.length; p++) {
                double value = 60 + 120 * look + random.nextGaussian() * 30 / (1 + 4 * look);
                rgb[p] = (byte) (int) Math.max(0, Math.min(255, value));
            }
            Image image = new Image(SIDE, SIDE, rgb);
            long ordinal = images.size() + 1L;
            images.put(ordinal, image);
            StoredSample stored = new StoredSample(
                    ordinal, device, "digest", ImageFormat.RGB8_ZSTD, UploadReason.STATISTICS, i % CLASSES, version);
            uploads.add(new LoadedSample(stored, image));
        }
        return uploads;
    }

    /** Of which nothing is asked but images. */
    private LoopStore store() {
        return (LoopStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {LoopStore.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("image")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    return images.get(((StoredSample) arguments[0]).ordinal());
                });
    }

    private static Distiller.Part part(String name) {
        OnnxBuilder net = new OnnxBuilder(name, 17, 7);
        String x = net.input("input", SIDE, SIDE);
        x = net.relu(net.batchNorm("bn1", net.conv("conv1", x, 3, 6, 3, 1), 6));
        x = net.relu(net.batchNorm("bn2", net.conv("conv2", x, 6, 6, 3, 1), 6));
        OnnxModel model = net.output(
                        "logits", net.linear("fc", net.flatten(net.globalAveragePool(x)), 6, CLASSES), CLASSES)
                .build();
        return new Distiller.Part(
                model.toBytes(),
                model.manifest(
                        name,
                        IntStream.range(0, CLASSES).mapToObj(c -> "c" + c).toList(),
                        new Preprocessing(List.of(.5, .5, .5), List.of(.25, .25, .25))));
    }
}
