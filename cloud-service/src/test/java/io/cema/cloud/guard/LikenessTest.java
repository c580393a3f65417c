package io.cema.cloud.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LikenessTest {
    private static final long IMAGES = 100;

    private final Random random = new Random(5);

    @ParameterizedTest
    @ValueSource(ints = {4, 5, 8, 20})
    void worst_blackImages_areFound(int devices) {
        List<DeviceWindow> windows = equal(devices - 1, 3);
        windows.add(window("black", portrait(0, 0, 0), portrait(0, 0, 0)));

        assertThat(Likeness.worst(windows))
                .hasValueSatisfying(found -> assertThat(found.window().device()).isEqualTo("black"));
    }

    @Test
    void worst_oddInOneHalfOnly_isNotNamed() {
        List<DeviceWindow> windows = equal(9, 3);
        windows.add(window("lorry", portrait(0, 0, 0), portrait(100, 100, 40)));

        assertThat(Likeness.worst(windows)).isEmpty();
    }

    @Test
    void worst_ofThreeDevices_isNotNamed() {
        List<DeviceWindow> windows = equal(2, 3);
        windows.add(window("black", portrait(0, 0, 0), portrait(0, 0, 0)));

        assertThat(Likeness.worst(windows)).isEmpty();
    }

    @Test
    void worst_ofTwoOddOnes_isTheWorse() {
        List<DeviceWindow> windows = equal(8, 3);
        windows.add(window("dark", portrait(20, 20, 5), portrait(20, 20, 5)));
        windows.add(window("black", portrait(0, 0, 0), portrait(0, 0, 0)));

        assertThat(Likeness.worst(windows).orElseThrow().window().device()).isEqualTo("black");
    }

    @Test
    void worst_ofACohortThatDiffersALot_isNotNamed() {
        List<DeviceWindow> windows = equal(9, 40);
        windows.add(window("dark", portrait(60, 60, 20), portrait(60, 60, 20)));

        assertThat(Likeness.worst(windows)).isEmpty();
    }

    /** The claim of the class: of cohorts of equal devices, whatever their number and spread, at most 1 % lose one. */
    @ParameterizedTest
    @ValueSource(ints = {4, 5, 6, 8, 12, 20})
    void worst_ofEqualDevices_isSeldomNamed(int devices) {
        int alarms = 0;
        int cohorts = 40_000 / devices;
        for (int cohort = 0; cohort < cohorts; cohort++) {
            alarms += Likeness.worst(equal(devices, 30)).isPresent() ? 1 : 0;
        }
        assertThat(alarms).isLessThanOrEqualTo(cohorts / 100);
    }

    /** Devices that differ in two directions: how bright they are and how much contrast they have. */
    private List<DeviceWindow> equal(int devices, double spread) {
        List<DeviceWindow> windows = new ArrayList<>();
        for (int i = 0; i < devices; i++) {
            double grey = 100 + spread * random.nextGaussian();
            double contrast = 40 + spread * Trait.RED_CONTRAST.unit() / Trait.RED.unit() * random.nextGaussian();
            Portrait portrait = portrait(grey, grey, contrast);
            windows.add(window("d" + i, portrait, portrait));
        }
        return windows;
    }

    private static DeviceWindow window(String device, Portrait older, Portrait newer) {
        return new DeviceWindow(device, older, newer);
    }

    private static Portrait portrait(double red, double green, double contrast) {
        double[] means = {red, green, red, contrast, contrast, contrast, 0.5};
        double[] sums = new double[means.length];
        for (int i = 0; i < means.length; i++) {
            sums[i] = IMAGES * means[i];
        }
        return new Portrait(IMAGES, sums, Map.of(1, IMAGES));
    }
}
